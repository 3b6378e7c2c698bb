import Coordination
import Execution
import ExperimentModel
import Testing

@testable import WorkerRuntime

@Suite("Slot board")
struct SlotBoardTests {
    private let first = TrialID(experiment: ExperimentID("es0000001"), number: 1)
    private let second = TrialID(experiment: ExperimentID("es0000001"), number: 2)

    @Test("a running trial that is missing from the answer, or answers to another attempt, has lost its lease")
    func lost() {
        var board = SlotBoard()
        _ = board.claimed(first, attempt: 1)
        _ = board.claimed(second, attempt: 1)
        let actions = board.renewed([HeldTrial(id: second, attempt: 2)], heldBefore: board.held)
        #expect(actions == [.stop(first, .leaseLost), .stop(second, .leaseLost)])
    }

    @Test("a trial claimed while the renewal was on its way is not missing")
    func claimedMeanwhile() {
        var board = SlotBoard()
        let before = board.held
        _ = board.claimed(first, attempt: 1)
        #expect(board.renewed([], heldBefore: before).isEmpty)
    }

    @Test("an attempt that was given back before the reply to its claim came must not run, as long as that may come")
    func givenBack() {
        var board = SlotBoard()
        board.givingBack(first, attempt: 1)
        #expect(board.isGivenBack(first, attempt: 1))
        #expect(!board.isGivenBack(first, attempt: 2))
        #expect(!board.isGivenBack(second, attempt: 1))
        board.noClaimIsUnderWay()
        #expect(!board.isGivenBack(first, attempt: 1))
    }

    @Test("a trial whose result is on its way may be missing or not")
    func finishing() {
        var board = SlotBoard()
        _ = board.claimed(first, attempt: 1)
        board.finishing(first, attempt: 1)
        #expect(board.renewed([], heldBefore: board.held).isEmpty)
        #expect(board.renewed([HeldTrial(id: first, attempt: 1)], heldBefore: board.held).isEmpty)
    }

    @Test("an order to cancel stops the trial")
    func cancel() {
        var board = SlotBoard()
        _ = board.claimed(first, attempt: 1)
        let answer = [HeldTrial(id: first, attempt: 1, order: .cancel)]
        #expect(board.renewed(answer, heldBefore: board.held) == [.stop(first, .cancelled)])
    }

    @Test(
        "an order stops the trial for its reason, whenever an answer repeats it",
        arguments: [(TrialOrder.drain, StopReason.drained), (.stop, .stoppedEarly), (.cancel, .cancelled)]
    )
    func orders(order: TrialOrder, reason: StopReason) {
        var board = SlotBoard()
        _ = board.claimed(first, attempt: 1)
        let answer = [HeldTrial(id: first, attempt: 1, order: order)]
        for _ in 1...2 { #expect(board.renewed(answer, heldBefore: board.held) == [.stop(first, reason)]) }
        board.finishing(first, attempt: 1)
        #expect(board.renewed(answer, heldBefore: board.held).isEmpty)
    }

    @Test("an order to another attempt of the trial is none to ours: the lease is lost")
    func orderToAnotherAttempt() {
        var board = SlotBoard()
        _ = board.claimed(first, attempt: 2)
        let answer = [HeldTrial(id: first, attempt: 1, order: .drain)]
        #expect(board.renewed(answer, heldBefore: board.held) == [.stop(first, .leaseLost)])
    }

    @Test("another time-out is passed on once, a longer, a shorter and none")
    func timeouts() {
        var board = SlotBoard()
        _ = board.claimed(first, attempt: 1)
        board.began(first, attempt: 1, timeoutSeconds: 60)
        for seconds in [nil, 120, 5, nil] as [Double?] {
            let answer = [HeldTrial(id: first, attempt: 1, timeoutSeconds: seconds)]
            #expect(board.renewed(answer, heldBefore: board.held) == [.setTimeout(first, seconds)])
            #expect(board.renewed(answer, heldBefore: board.held).isEmpty)
        }
        board.began(first, attempt: 2, timeoutSeconds: 1)
        #expect(board.held[first]?.timeoutSeconds == nil)
    }

    @Test("a trial that no slot holds is given back once two answers in a row name it")
    func orphan() {
        var board = SlotBoard()
        let answer = [HeldTrial(id: first, attempt: 3)]
        #expect(board.renewed(answer, heldBefore: [:]) == [.renewAgain])
        #expect(board.renewed(answer, heldBefore: [:]) == [.giveBack(first, attempt: 3)])
        #expect(board.renewed([], heldBefore: [:]).isEmpty)
    }

    @Test("a claim whose reply comes after the first answer is no orphan")
    func lateReply() {
        var board = SlotBoard()
        let answer = [HeldTrial(id: first, attempt: 1)]
        #expect(board.renewed(answer, heldBefore: [:]) == [.renewAgain])
        _ = board.claimed(first, attempt: 1)
        #expect(board.renewed(answer, heldBefore: board.held).isEmpty)
    }

    @Test("a trial that is claimed again while its last attempt is reported stays held")
    func claimedAgain() {
        var board = SlotBoard()
        _ = board.claimed(first, attempt: 1)
        board.finishing(first, attempt: 1)
        #expect(board.claimed(first, attempt: 2) == nil)
        board.released(first, attempt: 1)
        #expect(board.held == [first: SlotBoard.Holding(attempt: 2, phase: .running)])
        #expect(board.renewed([HeldTrial(id: first, attempt: 2)], heldBefore: board.held).isEmpty)
    }

    @Test("a trial that is claimed again while its last attempt runs stops that one")
    func claimedTwice() {
        var board = SlotBoard()
        _ = board.claimed(first, attempt: 1)
        #expect(board.claimed(first, attempt: 2) == .stop(first, .leaseLost))
        board.finishing(first, attempt: 1)
        board.released(first, attempt: 1)
        #expect(board.held == [first: SlotBoard.Holding(attempt: 2, phase: .running)])
    }
}
