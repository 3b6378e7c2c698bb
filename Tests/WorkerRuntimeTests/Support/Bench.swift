import Coordination
import Execution
import ExperimentModel
import FoundationEssentials
import Logging
import MemoryTrialStore
import TuningTestKit

@testable import WorkerRuntime

/// A server and workers around a memory store, all in this process.
struct Bench {
    let store: MemoryTrialStore
    var settings = CoordinationSettings(
        trialLease: .seconds(30),
        leadLease: .seconds(6),
        leaderInterval: .milliseconds(50),
        pollInterval: .milliseconds(50)
    )
    let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }

    init() {
        store = MemoryTrialStore { Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }
    }

    func create(
        _ limits: Limits,
        id: String = "es0000001",
        goal: Objective.Goal = .minimize,
        _ change: (inout ExperimentDefinition) -> Void = { _ in }
    ) async throws -> ExperimentID {
        var definition = try TrialStoreConformance.definition(goal: goal, limits: limits)
        change(&definition)
        return try await store.createExperiment(definition, id: ExperimentID(id)).id
    }

    func leader(_ id: ExperimentID, name: String = "server") -> LeaderService<ContinuousClock> {
        LeaderService(
            store: store,
            scope: .only(id),
            leader: name,
            settings: settings,
            clock: ContinuousClock(),
            logger: logger
        )
    }

    func worker(
        _ executor: any TrialExecutor,
        slots: Int = 2,
        name: String = "a",
        drainTimeout: Duration = .seconds(60),
        exitWhenIdle: Duration? = nil,
        results: String? = nil,
        store other: (any WorkerStore)? = nil
    ) -> WorkerRuntime<ContinuousClock> {
        WorkerRuntime(
            store: other ?? store,
            executor: executor,
            worker: Worker(id: WorkerID("node:1:\(name)"), host: "node", processID: 1, slots: slots, version: "test"),
            options: WorkerOptions(
                slots: slots,
                drainTimeout: drainTimeout,
                exitWhenIdle: exitWhenIdle,
                spoolDirectory: "/tmp",
                resultDirectory: results
            ),
            settings: settings,
            clock: ContinuousClock(),
            logger: logger
        )
    }

    /// Runs workers beside `body`, and drains them when it ends.
    func withWorkers<C>(
        _ workers: [WorkerRuntime<C>],
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { await worker.run() } }
            do {
                try await body()
            } catch {
                for worker in workers { await worker.stop() }
                throw error
            }
            for worker in workers { await worker.drain() }
            try await group.waitForAll()
        }
    }

    /// Waits until an event makes `condition` true of the experiment's trials.
    func wait(_ id: ExperimentID, until condition: @escaping @Sendable ([Trial]) -> Bool) async {
        for await _ in store.watch(.everything) {
            if condition(await store.trials(of: id, .all)) { return }
        }
    }
}
