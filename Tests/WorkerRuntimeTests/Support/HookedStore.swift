import Coordination
import ExperimentModel
import MemoryTrialStore

/// A memory store whose calls a test can hold up or replace.
struct HookedStore: WorkerStore {
    let store: MemoryTrialStore
    /// Called when the store has given a trial away and the worker does not know of it yet.
    var claimed: @Sendable (Trial) async -> Void = { _ in }
    /// Called then too; true loses the reply.
    var claimLost: @Sendable (Trial) async -> Bool = { _ in false }
    /// Called after the store has renewed, and may lose the answer.
    var renewed: @Sendable ([HeldTrial]) async throws -> Void = { _ in }
    /// Called instead of the store's own.
    var recording: (@Sendable ([Observation]) async throws -> Void)?
    /// Called before every call; what it throws is the call's answer.
    var before: @Sendable () throws -> Void = {}
    /// Called before each result is taken.
    var finishing: @Sendable () async throws -> Void = {}
    /// Called with the trial whose result is to be written.
    var refusing: @Sendable (TrialID) throws -> Void = { _ in }
    /// Called when a result was taken, and the worker does not know yet.
    var finished: @Sendable () async throws -> Void = {}

    func claimTrial(
        of experiment: ExperimentID,
        by worker: WorkerID,
        host: String,
        lease: Duration
    ) async throws -> Trial? {
        try before()
        let trial = await store.claimTrial(of: experiment, by: worker, host: host, lease: lease)
        if let trial {
            await claimed(trial)
            if await claimLost(trial) { throw TrialStoreError.unavailable("the reply was lost") }
        }
        return trial
    }

    func record(_ observations: [Observation]) async throws {
        try before()
        if let recording { try await recording(observations) } else { await store.record(observations) }
    }

    func timeToNextRepeat(of experiment: ExperimentID) async throws -> Duration? {
        try before()
        return try await store.timeToNextRepeat(of: experiment)
    }
    func register(_ worker: Worker) async throws -> Worker {
        try before()
        return await store.register(worker)
    }
    func unregister(_ worker: WorkerID) async throws {
        try before()
        await store.unregister(worker)
    }
    func experiments(_ query: ExperimentQuery) async throws -> [Experiment] {
        try before()
        return await store.experiments(query)
    }
    func renewLeases(of worker: WorkerID, lease: Duration) async throws -> [HeldTrial] {
        try before()
        let held = await store.renewLeases(of: worker, lease: lease)
        try await renewed(held)
        return held
    }
    func finish(_ claimed: Trial, with outcome: AttemptOutcome, retries: RetryLimits) async throws -> FinishResult {
        try before()
        try await finishing()
        try refusing(claimed.id)
        let result = await store.finish(claimed, with: outcome, retries: retries)
        try await finished()
        return result
    }
    func appendLog(_ chunks: [LogChunk]) async throws {
        try before()
        await store.appendLog(chunks)
    }
    func trials(of experiment: ExperimentID, _ query: TrialQuery) async throws -> [Trial] {
        try before()
        return await store.trials(of: experiment, query)
    }
    func watch(_ scope: WatchScope) -> AsyncStream<StoreEvent> { store.watch(scope) }
}
