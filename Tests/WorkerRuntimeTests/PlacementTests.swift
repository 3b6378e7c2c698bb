import Coordination
import Execution
import ExperimentModel
import Foundation
import MemoryTrialStore
import Synchronization
import Testing

@testable import WorkerRuntime

@Suite("Which worker runs what", .timeLimit(.minutes(10)))
struct PlacementTests {
    private let bench = Bench()

    /// A worker that says what it is and shares out GPUs.
    private func worker(
        _ name: String,
        _ executor: any TrialExecutor,
        slots: Int = 1,
        labels: [String: String] = [:],
        gpus: GPUPool? = nil
    ) -> WorkerRuntime<ContinuousClock> {
        WorkerRuntime(
            store: bench.store,
            executor: executor,
            worker: Worker(
                id: WorkerID("node:1:\(name)"),
                host: "node",
                processID: 1,
                slots: slots,
                version: "test",
                labels: labels
            ),
            options: WorkerOptions(slots: slots, spoolDirectory: "/tmp", gpus: gpus),
            settings: bench.settings,
            clock: ContinuousClock(),
            logger: bench.logger
        )
    }

    @Test("trials go to workers with the labels that their experiment requires, and to no other")
    func labels() async throws {
        let id = try await bench.create(Limits(maxTrials: 6)) { $0.requiredLabels = ["machine": "K80"] }
        let executor = ScriptedExecutor { _, _, _ in .finished(AttemptOutcome(cause: .succeeded, value: 1)) }
        try await bench.withWorkers([
            worker("plain", executor), worker("other", executor, labels: ["machine": "V100"]),
            worker("fit", executor, labels: ["machine": "K80"]),
        ]) {
            try await bench.leader(id).run()
        }
        let trials = await bench.store.trials(of: id, .all)
        #expect(trials.count == 6 && trials.allSatisfy { $0.state == .done })
        #expect(Set(trials.flatMap(\.attempts).map(\.worker)) == [WorkerID("node:1:fit")])
    }

    @Test("trials that run at once have different GPUs, also those of two workers of one machine")
    func devices() async throws {
        let locks = FileManager.default.temporaryDirectory.appending(path: "gpus-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: locks) }
        func pool() throws -> GPUPool { try GPUPool(devices: ["0", "1", "2", "3"], perTrial: 2, lockDirectory: locks) }
        let id = try await bench.create(Limits(maxTrials: 8))
        let used = Mutex<(now: Set<String>, seen: Set<[String]>, hasMet: Bool)>(([], [], false))
        let executor = ScriptedExecutor { request, _, _ in
            let gpus = request.gpus ?? []
            used.withLock { used in
                if !used.now.isDisjoint(with: gpus) || gpus.count != 2 { used.hasMet = true }
                used.now.formUnion(gpus)
                used.seen.insert(gpus)
            }
            await Task.yield()
            used.withLock { $0.now.subtract(gpus) }
            return .finished(AttemptOutcome(cause: .succeeded, value: 1))
        }
        try await bench.withWorkers([
            worker("a", executor, slots: 2, gpus: try pool()), worker("b", executor, slots: 2, gpus: try pool()),
        ]) {
            try await bench.leader(id).run()
        }
        #expect(await bench.store.trials(of: id, .all).allSatisfy { $0.state == .done })
        used.withLock { used in
            #expect(!used.hasMet && used.now.isEmpty)
            #expect(used.seen.isSubset(of: [["0", "1"], ["2", "3"]]) && !used.seen.isEmpty)
        }
    }
}
