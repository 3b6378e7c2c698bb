import Coordination
import ExperimentModel
import Inspection
import MemoryTrialStore
import Testing
import TuningTestKit

@Suite("Why no worker runs an experiment, in words", .timeLimit(.minutes(10)))
struct ObstaclePhraseTests {
    private func worker(_ name: String, _ labels: [String: String] = [:], isDraining: Bool = false) -> Worker {
        Worker(
            id: WorkerID(name),
            host: "h",
            processID: 1,
            slots: 2,
            isDraining: isDraining,
            version: "1",
            labels: labels
        )
    }

    @Test("status tells what the live workers lack")
    func status() async throws {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let store = MemoryTrialStore { now }
        var definition = try TrialStoreConformance.definition(limits: Limits(maxTrials: 3))
        definition.requiredLabels = ["machine": "K80"]
        definition.container = ContainerSpecification(source: .image("python:3.12"))
        let experiment = try await store.createExperiment(definition, id: ExperimentID("es0000001"))
        func waiting() async throws -> [String] {
            try await ExperimentOverview(of: experiment, in: store, lease: .seconds(30)).waiting.map(\.text)
        }
        #expect(try await waiting().contains { $0.contains("no live worker (`hyperworker --count 2` starts one)") })
        await store.register(worker("a"))
        await store.register(worker("b", ["machine": "V100"]))
        await store.register(worker("c", ["machine": "K80"]))
        await store.register(worker("d", isDraining: true))
        #expect(
            try await waiting().last
                == "no live worker can run it: 2 workers lack machine=K80 (`hyperworker --label`), 1 worker lacks a "
                + "container engine (`hyperworker doctor`), 1 of others or draining"
        )
        var able = worker("c", ["machine": "K80"])
        able.runtime = .podman
        await store.register(able)
        let overview = try await ExperimentOverview(of: experiment, in: store, lease: .seconds(30))
        #expect(overview.workers.map(\.id) == [able.id])
        #expect(!overview.waiting.contains { $0.text.contains("no live worker") })
    }

    @Test("many labels are cut")
    func many() async throws {
        let names = (1...6).map { "l\($0)" }
        var definition = try TrialStoreConformance.definition(limits: Limits(maxTrials: 3))
        definition.requiredLabels = Dictionary(uniqueKeysWithValues: names.map { ($0, "x") })
        let store = MemoryTrialStore { Timestamp(milliseconds: 0) }
        let experiment = try await store.createExperiment(definition, id: ExperimentID("es0000001"))
        #expect(
            ObstaclePhrase.text([worker("a")], for: experiment)
                == "1 worker lacks l1=x, l2=x, l3=x, l4=x and 2 more (`hyperworker --label`)"
        )
        #expect(ObstaclePhrase.text([worker("a", isDraining: true)], for: experiment) == nil)
    }
}
