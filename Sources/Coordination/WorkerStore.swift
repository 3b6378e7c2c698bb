public import ExperimentModel

/// The part of the store that a worker needs; the rest is in ``TrialStore``.
///
/// What is said there of writes, repeating and errors holds here too.
public protocol WorkerStore: Sendable {
    /// Makes a worker known, or renews what is known of it.
    /// - Returns: the worker as it is known now; others may have set ``Worker/leaveAskedAt``, which is theirs alone.
    @discardableResult
    func register(_ worker: Worker) async throws -> Worker

    /// Forgets a worker that leaves.
    func unregister(_ worker: WorkerID) async throws

    /// Experiments, oldest first. A document that cannot be read is left out and logged, so that the rest goes on.
    func experiments(_ query: ExperimentQuery) async throws -> [Experiment]

    /// Takes the first due trial of an experiment. - Returns: `nil` when none is due.
    func claimTrial(
        of experiment: ExperimentID,
        by worker: WorkerID,
        host: String,
        lease: Duration
    ) async throws -> Trial?

    /// Extends the lease of every trial that the worker holds, expired or not, and returns them all with their orders and the
    /// time-out that their experiments have now.
    ///
    /// A trial that is missing from the answer is lost to the worker.
    func renewLeases(of worker: WorkerID, lease: Duration) async throws -> [HeldTrial]

    /// Ends the worker's attempt, once: the trial ends or goes back to the queue, as ``Trial/attemptEnd(with:retries:hasBeenHeard:)``
    /// decides; a repeat may have to wait, by the store's clock.
    /// - Parameter claimed: the trial as the claim returned it.
    func finish(_ claimed: Trial, with outcome: AttemptOutcome, retries: RetryLimits) async throws -> FinishResult

    /// Stores observations; one that is stored already is left alone.
    func record(_ observations: [Observation]) async throws

    /// Stores pieces of output; one that is stored already is left alone.
    func appendLog(_ chunks: [LogChunk]) async throws

    /// Trials of an experiment by number, ascending.
    func trials(of experiment: ExperimentID, _ query: TrialQuery) async throws -> [Trial]

    /// What changes from now on, until the consumer stops. Never fails: it reconnects by itself and says ``StoreEvent/resync``.
    func watch(_ scope: WatchScope) -> AsyncStream<StoreEvent>
}
