import Coordination
import ExperimentModel
import Logging
import Synchronization
import Testing

@testable import WorkerRuntime

@Suite("Upload queue", .timeLimit(.minutes(3)))
struct UploadQueueTests {
    /// A store whose first write waits for the test, and which refuses what a test wants refused.
    private final class Gate: Sendable {
        private struct State {
            var batches: [[Observation]] = []
            var chunks: [LogChunk] = []
        }

        private let state = Mutex(State())
        private let arrivals: AsyncStream<Int>
        private let arrival: AsyncStream<Int>.Continuation
        private let opening: AsyncStream<Void>
        private let open: AsyncStream<Void>.Continuation
        let refused: @Sendable (Observation) -> Bool

        init(refused: @escaping @Sendable (Observation) -> Bool = { _ in false }) {
            self.refused = refused
            (arrivals, arrival) = AsyncStream.makeStream()
            (opening, open) = AsyncStream.makeStream()
        }

        /// What was stored, write by write.
        var batches: [[Observation]] { state.withLock { $0.batches } }
        var chunks: [LogChunk] { state.withLock { $0.chunks } }

        func openForAll() { open.finish() }

        /// Returns when a write has come to the gate.
        func waitForArrival() async { for await _ in arrivals { return } }

        var writes: UploadQueue.Writes {
            UploadQueue.Writes(
                record: { [self] batch in
                    arrival.yield(batch.count)
                    for await _ in opening {}
                    if batch.contains(where: refused) { throw TrialStoreError.rejected("no") }
                    state.withLock { $0.batches.append(batch) }
                },
                appendLog: { [self] chunks in state.withLock { $0.chunks += chunks } }
            )
        }
    }

    private func queue(_ gate: Gate) -> UploadQueue {
        UploadQueue(
            gate.writes,
            spoolDirectory: "/nonexistent",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func report(_ trial: Int, _ sequence: Int = 0) -> Observation {
        Observation(
            trial: TrialID(experiment: ExperimentID("es0000001"), number: trial),
            attempt: 1,
            sequence: sequence,
            metric: "loss",
            step: 0,
            value: 0
        )
    }

    private func piece(_ trial: Int, _ sequence: Int) -> LogChunk {
        LogChunk(
            trial: TrialID(experiment: ExperimentID("es0000001"), number: trial),
            attempt: 1,
            stream: .stdout,
            sequence: sequence,
            bytes: [1]
        )
    }

    /// Runs a queue beside `body`.
    private func running(_ queue: UploadQueue, _ body: () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await queue.run(clock: ContinuousClock()) }
            await body()
            group.cancelAll()
        }
    }

    @Test("while a write is under way, the reports of all attempts gather in the next one")
    func gathers() async {
        let gate = Gate()
        let queue = queue(gate)
        await running(queue) {
            let attempts = (0..<4).map { _ in queue.add() }
            attempts[0].observations([report(0)])
            await gate.waitForArrival()
            for (number, attempt) in attempts.enumerated() {
                attempt.observations([report(number, 1), report(number, 2)])
                attempt.close()
            }
            gate.openForAll()
            for attempt in attempts { await attempt.stored() }
            #expect(gate.batches.map(\.count) == [1, 8])
            #expect(Set(gate.batches.joined()).count == 9)
        }
    }

    @Test("an attempt is done when its own part is stored: reports and output, in order")
    func ownPart() async {
        let gate = Gate()
        gate.openForAll()
        let queue = queue(gate)
        await running(queue) {
            let (done, other) = (queue.add(), queue.add())
            other.observations([report(2)])
            let count = UploadQueue.observationBatch * 2 + 1
            done.observations((0..<count).map { report(1, $0) })
            for sequence in 0..<300 { done.log(piece(1, sequence)) }
            done.close()
            await done.stored()
            let stored = gate.batches.joined().filter { $0.trial.number == 1 }
            #expect(stored.map(\.sequence) == Array(0..<count))
            #expect(gate.batches.allSatisfy { $0.count <= UploadQueue.observationBatch })
            #expect(gate.chunks.map(\.sequence) == Array(0..<300))
        }
    }

    @Test("what the store refuses of one attempt does not cost the others theirs")
    func refusal() async {
        let gate = Gate { $0.trial.number == 1 }
        let queue = queue(gate)
        await running(queue) {
            let attempts = (0..<3).map { _ in queue.add() }
            attempts[0].observations([report(0)])
            await gate.waitForArrival()
            for (number, attempt) in attempts.enumerated() {
                attempt.observations([report(number, 1)])
                attempt.close()
            }
            gate.openForAll()
            for attempt in attempts { await attempt.stored() }
            #expect(Set(gate.batches.joined()) == [report(0), report(0, 1), report(2, 1)])
        }
    }

    @Test("whoever stops waiting is let go, and a forgotten attempt is not stored")
    func letGo() async {
        let gate = Gate()
        let queue = queue(gate)
        await running(queue) {
            let (first, second) = (queue.add(), queue.add())
            first.observations([report(1)])
            await gate.waitForArrival()
            second.observations([report(2)])
            second.close()
            let waiting = Task { await second.stored() }
            waiting.cancel()
            await waiting.value
            queue.remove(second)
            first.close()
            gate.openForAll()
            await first.stored()
            #expect(gate.batches == [[report(1)]])
        }
    }

    @Test("a write that is too much for the line is made in smaller ones, in order")
    func slowLine() async {
        let stored = Mutex<[Int]>([])
        let queue = UploadQueue(
            UploadQueue.Writes(
                record: { _ in },
                appendLog: { chunks in
                    guard chunks.count <= 2 else { throw TrialStoreError.unavailable("timed out") }
                    stored.withLock { $0 += chunks.map(\.sequence) }
                }
            ),
            spoolDirectory: "/nonexistent",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let attempt = queue.add()
        for sequence in 0..<11 { attempt.log(piece(1, sequence)) }
        attempt.close()
        await running(queue) { await attempt.stored() }
        #expect(stored.withLock { $0 } == Array(0..<11))
    }

    @Test("when uploads are given up, whoever waits for them is let go, and whoever comes later")
    func abandoned() async {
        let gate = Gate()
        let queue = queue(gate)
        await running(queue) {
            let first = queue.add()
            first.observations([report(1)])
            await gate.waitForArrival()
            first.close()
            async let waiting: Void = first.stored()
            queue.abandon()
            await waiting
            let later = queue.add()
            later.observations([report(2)])
            later.close()
            await later.stored()
            #expect(gate.batches.isEmpty)
        }
    }

    @Test("a long queue of reports comes out in order, however much is taken at once", arguments: [1, 62, 999])
    func longQueue(share: Int) {
        let attempt = queue(Gate()).add()
        var taken: [Int] = []
        for sequence in 0..<5000 {
            attempt.observations([report(1, sequence)])
            if sequence.isMultiple(of: 100) { taken += attempt.takeObservations(atMost: share).map(\.sequence) }
        }
        while case let more = attempt.takeObservations(atMost: share), !more.isEmpty { taken += more.map(\.sequence) }
        #expect(taken == Array(0..<5000))
    }

    @Test("reports beyond the limit are dropped and counted")
    func limit() {
        let attempt = queue(Gate()).add()
        attempt.observations((0..<AttemptUploader.observationCapacity).map { report(1, $0) })
        attempt.observations([report(1), report(1)])
        #expect(attempt.losses.observations == 2)
        #expect(attempt.takeObservations(atMost: .max).count == AttemptUploader.observationCapacity)
    }
}
