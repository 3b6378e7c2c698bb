import Coordination
import Execution
import ExperimentModel
import MemoryTrialStore
import Synchronization
import Testing

@testable import WorkerRuntime

@Suite("Which worker runs containers", .timeLimit(.minutes(5)))
struct ContainerPlacementTests {
    /// Says what a test wants, and counts how often it was asked.
    private final class Engine: TrialExecutor {
        let answer: RuntimeAnswer
        let asked = Mutex(0)
        init(_ answer: RuntimeAnswer) { self.answer = answer }

        func run(_ request: AttemptRequest, control: AttemptControl, sink: any AttemptSink) async -> AttemptResult {
            .finished(AttemptOutcome(cause: .succeeded, value: 1))
        }
        func findRuntime() async -> RuntimeAnswer {
            asked.withLock { $0 += 1 }
            return answer
        }
    }

    private let bench = Bench()

    @Test("one with an engine, which is looked for once and told to the store; one without leaves the trials to it")
    func placement() async throws {
        let id = try await bench.create(Limits(maxTrials: 4)) {
            $0.container = ContainerSpecification(source: .image("train:1"))
        }
        let able = Engine(.runs(.podman))
        let unable = Engine(.none(reason: "there is none"))
        try await bench.withWorkers([
            bench.worker(unable, name: "unable"), bench.worker(able, name: "able"),
        ]) {
            try await bench.leader(id).run()
        }
        let trials = await bench.store.trials(of: id, .all)
        #expect(trials.count == 4 && trials.allSatisfy { $0.state == .done })
        #expect(Set(trials.flatMap(\.attempts).map(\.worker)) == [WorkerID("node:1:able")])
        #expect(able.asked.withLock { $0 } == 1 && unable.asked.withLock { $0 } == 1)
    }

    @Test("nobody looks for an engine while no experiment names a container")
    func lazy() async throws {
        let id = try await bench.create(Limits(maxTrials: 2))
        let engine = Engine(.runs(.podman))
        try await bench.withWorkers([bench.worker(engine)]) { try await bench.leader(id).run() }
        #expect(engine.asked.withLock { $0 } == 0)
    }
}
