import ExperimentModel
import Testing

@testable import Execution

@Suite("What a guard does")
struct GuardBoardTests {
    private let id = "node:5:00ff"
    private let attempt = GuardedAttempt(TrialID(experiment: ExperimentID("es1a2b3c4"), number: 17), attempt: 2)
    private let other = GuardedAttempt(TrialID(experiment: ExperimentID("es1a2b3c4"), number: 18), attempt: 1)

    private func at(_ milliseconds: Int64) -> BootInstant { BootInstant(milliseconds: milliseconds) }

    private func board(_ lines: GuardLine...) -> GuardBoard {
        var board = GuardBoard()
        board.take(.worker(process: 5, id: id), at: at(0))
        for line in lines { board.take(line, at: at(0)) }
        return board
    }

    private var everything: GuardBoard.Action { .sweep(.everything, marks: ["HYPER_WORKER_ID=\(id)"]) }

    private func sweep(_ attempt: GuardedAttempt) -> GuardBoard.Action {
        .sweep(.attempt(attempt), marks: attempt.marks(worker: id))
    }

    @Test("a worker that dies takes its groups with it, then what bears its mark, until two looks found nothing")
    func death() {
        var board = board(.group(100, nil), .group(200, nil), .forget(100), .group(300, attempt))
        #expect(board.act(at: at(1)) == [])
        #expect(board.nextLook(after: at(1)) == nil)
        board.inputEnded(at: at(2))
        #expect(board.act(at: at(2)) == [.killGroup(200), .killGroup(300), everything])
        board.swept(.everything, found: 3, at: at(2))
        #expect(board.nextLook(after: at(2)) == at(102))
        #expect(board.act(at: at(50)) == [])
        for (time, found) in [(102, 0), (202, 1), (302, 0)] as [(Int64, Int)] {
            #expect(board.act(at: at(time)) == [everything])
            board.swept(.everything, found: found, at: at(time))
        }
        #expect(board.act(at: at(402)) == [everything])
        board.swept(.everything, found: 0, at: at(402))
        #expect(board.act(at: at(402)) == [.leave])
    }

    @Test("what cannot be killed holds the guard for a limited time")
    func limit() {
        var board = board()
        board.inputEnded(at: at(0))
        var time: Int64 = 0
        var looks = 0
        while board.act(at: at(time)) != [.leave] {
            board.swept(.everything, found: 1, at: at(time))
            looks += 1
            time += 100
        }
        #expect(looks == 101)
        #expect(time == 10_100)
    }

    @Test("a pipe that is still held is waited for: a child that is being born cannot be recognised yet")
    func heldPipe() {
        var board = board(.group(100, nil))
        board.workerEnded(at: at(0))
        #expect(board.act(at: at(0)) == [.killGroup(100), everything])
        for time in stride(from: Int64(0), to: 1000, by: 100) {
            board.swept(.everything, found: 0, at: at(time))
            #expect(board.act(at: at(time + 100)) == [everything])
        }
        board.inputEnded(at: at(1000))
        board.swept(.everything, found: 0, at: at(1000))
        #expect(board.act(at: at(1000)) == [.leave])
    }

    @Test("after a good-bye nothing is touched")
    func goodbye() {
        var board = board(.group(100, nil), .goodbye)
        board.inputEnded(at: at(0))
        #expect(board.act(at: at(0)) == [.leave])
    }

    @Test("a worker that never said who it is loses its groups only")
    func unknownWorker() {
        var board = GuardBoard()
        board.take(.group(100, nil), at: at(0))
        board.inputEnded(at: at(0))
        #expect(board.act(at: at(0)) == [.killGroup(100), .sweep(.everything, marks: [])])
    }

    @Test("an attempt is killed at its end, not before, and looked for besides; others are left alone")
    func end() {
        var board = board(.attempt(attempt, end: at(5000)), .group(100, attempt), .group(200, nil))
        #expect(board.act(at: at(10)) == [])
        // At most a second, since waiting does not count the time of a suspension.
        #expect(board.nextLook(after: at(10)) == at(1010))
        #expect(board.nextLook(after: at(4500)) == at(5000))
        #expect(board.act(at: at(4999)) == [])
        #expect(board.act(at: at(9000)) == [.announceEnd(attempt), .killGroup(100), sweep(attempt)])
        board.swept(.attempt(attempt), found: 1, at: at(9000))
        #expect(board.act(at: at(9100)) == [sweep(attempt)])
        board.swept(.attempt(attempt), found: 0, at: at(9100))
        #expect(board.act(at: at(9200)) == [sweep(attempt)])
        board.swept(.attempt(attempt), found: 0, at: at(9200))
        #expect(board.act(at: at(99_000)) == [])
        #expect(board.nextLook(after: at(99_000)) == nil)
    }

    @Test("a renewal moves the end, and one that comes after it saves nothing")
    func renewal() {
        var board = board(.attempt(attempt, end: at(5000)), .group(100, attempt))
        board.take(.attempt(attempt, end: at(8000)), at: at(4000))
        #expect(board.act(at: at(5000)) == [])
        #expect(board.act(at: at(8000)) == [.announceEnd(attempt), .killGroup(100), sweep(attempt)])
        for time in [8000, 8100] as [Int64] {
            board.swept(.attempt(attempt), found: 0, at: at(time))
            _ = board.act(at: at(time + 100))
        }
        board.take(.attempt(attempt, end: at(20_000)), at: at(8200))
        // Its worker went on in the middle of starting it.
        board.take(.group(300, attempt), at: at(8200))
        #expect(board.act(at: at(8200)) == [.killGroup(300), sweep(attempt)])
    }

    @Test("a renewal that was there in time counts, however late it is read")
    func linesFirst() {
        var board = board(.attempt(attempt, end: at(5000)), .group(100, attempt))
        // The guard did not get a turn until 6000; it takes in all lines before it acts.
        board.take(.attempt(attempt, end: at(8000)), at: at(6000))
        #expect(board.act(at: at(6000)) == [])
    }

    @Test("an attempt that is done has no end any more")
    func done() {
        var board = board(
            .attempt(attempt, end: at(5000)),
            .group(100, attempt),
            .attempt(other, end: at(6000)),
            .group(200, other),
            .forget(100),
            .done(attempt)
        )
        #expect(board.act(at: at(5500)) == [])
        #expect(board.act(at: at(6000)) == [.announceEnd(other), .killGroup(200), sweep(other)])
    }

    @Test("a worker that dies after an end was reached is hunted for as a whole")
    func deathAfterEnd() {
        var board = board(.attempt(attempt, end: at(5000)), .group(100, attempt))
        _ = board.act(at: at(5000))
        board.inputEnded(at: at(5050))
        #expect(board.act(at: at(5050)) == [.killGroup(100), everything])
    }
}
