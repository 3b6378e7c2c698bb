import ExperimentModel
import FoundationEssentials
import Logging
import MemoryTrialStore
import TuningTestKit

@testable import Coordination

/// A store in memory with a real leader and, as far as a test wants it, workers that only pretend to run trials.
struct LeaderBench: Sendable {
    let store: any TrialStore = MemoryTrialStore {
        Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
    }
    let id = Experiments.id

    private static let settings = CoordinationSettings(
        trialLease: .seconds(600),
        leadLease: .seconds(6),
        leaderInterval: .milliseconds(20)
    )

    /// Stores an experiment and leads it while `body` runs.
    func leading(
        _ definition: ExperimentDefinition,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        _ = try await store.createExperiment(definition, id: id)
        try await whileRunning(
            {
                let service = LeaderService(
                    store: store,
                    scope: .all,
                    leader: "leader",
                    settings: Self.settings,
                    clock: ContinuousClock(),
                    logger: .silent
                )
                try await service.run()
            },
            body
        )
    }

    /// Claims every trial while `body` runs, and ends each as `outcome` says; `nil` leaves it running.
    func working(
        slots: Int = 2,
        _ outcome: @escaping @Sendable (Trial) -> AttemptOutcome?,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let worker = Worker(id: WorkerID("w"), host: "h", processID: 1, slots: slots, version: "1")
        try await store.register(worker)
        try await whileRunning(
            {
                for await event in store.watch(.work) {
                    if event == .orders { try await obey(worker.id) }
                    while let trial = try await store.claimTrial(of: id, by: worker.id, host: "h", lease: .seconds(600))
                    {
                        guard let end = outcome(trial) else { continue }
                        _ = try await store.finish(trial, with: end, retries: RetryLimits())
                    }
                }
            },
            body
        )
        try await store.unregister(worker.id)
    }

    private func obey(_ worker: WorkerID) async throws {
        for held in try await store.renewLeases(of: worker, lease: .seconds(600)) where held.order == .cancel {
            guard let trial = try await store.trials(of: id, .number(held.id.number)).first else { continue }
            _ = try await store.finish(trial, with: AttemptOutcome(cause: .cancelled), retries: RetryLimits())
        }
    }

    private func whileRunning(
        _ background: @escaping @Sendable () async throws -> Void,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await background()
                return false
            }
            group.addTask {
                try await body()
                return true
            }
            defer { group.cancelAll() }
            while let isBodyDone = try await group.next(), !isBodyDone {}
        }
    }

    /// The experiment and its trials, as soon as they satisfy a condition; the suite's time limit bounds the wait.
    @discardableResult
    func wait(_ condition: @Sendable (Experiment, [Trial]) -> Bool) async throws -> (Experiment, [Trial]) {
        for await _ in store.watch(.everything) {
            guard let experiment = try await store.experiment(id) else { continue }
            let trials = try await store.trials(of: id, .all)
            if condition(experiment, trials) { return (experiment, trials) }
        }
        throw CancellationError()
    }

    @discardableResult
    func waitForEnd() async throws -> (Experiment, [Trial]) {
        try await wait { experiment, _ in experiment.state.isTerminal }
    }

    static func success(_ value: Double = 1) -> AttemptOutcome { AttemptOutcome(cause: .succeeded, value: value) }
}
