import Coordination
import ExperimentModel
import MemoryTrialStore

/// What a worker asks of the store.
extension StoreLink: WorkerStore {
    @discardableResult
    func register(_ worker: Worker) async throws -> Worker {
        try await call(.aside("register")) { await $0.memory.register(worker) }
    }

    func unregister(_ worker: WorkerID) async throws {
        try await call(.aside("unregister")) { await $0.memory.unregister(worker) }
    }

    func experiments(_ query: ExperimentQuery) async throws -> [Experiment] {
        try await call(.read("experiments")) { await $0.memory.experiments(query) }
    }

    func claimTrial(
        of experiment: ExperimentID,
        by worker: WorkerID,
        host: String,
        lease: Duration
    ) async throws -> Trial? {
        try await call(.claim(experiment, worker)) { await $0.claim(experiment, worker, host, lease) }
    }

    func renewLeases(of worker: WorkerID, lease: Duration) async throws -> [HeldTrial] {
        try await call(.renewLeases(worker)) { await $0.memory.renewLeases(of: worker, lease: lease) }
    }

    func finish(_ claimed: Trial, with outcome: AttemptOutcome, retries: RetryLimits) async throws -> FinishResult {
        let result = try await call(.finish(claimed, outcome)) { await $0.finish(claimed, outcome, retries) }
        if result == .leaseLost { network.counts.add(.resultFenced) }
        return result
    }

    func record(_ observations: [Observation]) async throws {
        try await call(.aside("record \(observations.count) observations")) { await $0.memory.record(observations) }
    }

    func appendLog(_ chunks: [LogChunk]) async throws {
        try await call(.aside("append \(chunks.count) pieces of output")) { await $0.memory.appendLog(chunks) }
    }

    func trials(of experiment: ExperimentID, _ query: TrialQuery) async throws -> [Trial] {
        try await call(.read("trials of \(experiment)")) { await $0.memory.trials(of: experiment, query) }
    }

    func watch(_ scope: WatchScope) -> AsyncStream<StoreEvent> {
        EventFeed(link: self, scope: scope).start()
    }
}
