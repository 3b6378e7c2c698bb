public import ExperimentModel

/// The one shared state of the system: experiments, trials and what workers say of them.
///
/// Every write is one compare-and-set on one document, by the store's own clock, and repeatable: after an error that leaves
/// the result unknown, the caller makes the same call again. Implementations: `MemoryTrialStore`, `MongoTrialStore`; one
/// conformance suite (`TuningTestKit`) holds them to the same behaviour.
///
/// Every call throws ``TrialStoreError``; `isRetryable` tells whether to try again.
public protocol TrialStore: FileStore, StoreUpkeep, WorkerStore, Sendable {
    /// Makes indexes and checks the schema version; safe to call by many processes at once.
    func prepare() async throws

    /// The store's clock.
    func now() async throws -> Timestamp

    // MARK: Experiments

    /// Stores a new experiment in state `created`. Repeating the call with the same id and definition changes nothing.
    func createExperiment(_ definition: ExperimentDefinition, id: ExperimentID) async throws -> Experiment

    /// One experiment, or `nil`.
    func experiment(_ id: ExperimentID) async throws -> Experiment?

    /// Decides, on behalf of a person, that an experiment is to end. The first decision stands.
    /// - Returns: the experiment as it is after the call, or `nil` when there is none.
    func requestEnd(of id: ExperimentID, _ ending: ExperimentEnding) async throws -> Experiment?

    /// Pauses (`created`, `running` → `paused`) or resumes (`paused` → `running`) an experiment on behalf of a person.
    /// - Returns: the experiment as it is after the call, or `nil` when there is none.
    func setPaused(_ isPaused: Bool, experiment: ExperimentID) async throws -> Experiment?

    // MARK: What people change later

    /// Replaces the limits on behalf of a person, if they are still `old`; a finished experiment is reopened, and the time
    /// since its end counts as a pause. When the limits are `new` already, nothing changes.
    /// - Returns: the experiment after the call, or `nil` when there is none; other limits than `new` mean that somebody else
    ///   changed them first.
    /// - Throws: ``TrialStoreError/windingDown(_:)`` while a decided end is carried out: wait for it, then ask again.
    func replaceLimits(of id: ExperimentID, from old: Limits, to new: Limits) async throws -> Experiment?

    /// Adds a point to try; when one with the same id is there already, nothing changes. Does not reopen a finished
    /// experiment: the point is tried if somebody else does.
    /// - Returns: the experiment after the call, or `nil` when there is none.
    /// - Throws: ``TrialStoreError/tooManyEnqueued(_:limit:)`` beyond ``EnqueuedPoint/largestCount``.
    func enqueue(_ point: EnqueuedPoint, experiment: ExperimentID) async throws -> Experiment?

    /// Makes a failed or cancelled trial new again on behalf of a person, with all charges given back; a finished experiment
    /// is reopened as ``replaceLimits(of:from:to:)`` does.
    ///
    /// The wish is stored in the experiment (`Experiment.retrying`) before the trial is changed; the same call made again, or
    /// ``carryOutRetries(of:)``, completes it.
    /// - Returns: the trial after the call, unchanged when it is not retryable, or `nil` when there is none.
    /// - Throws: ``TrialStoreError/windingDown(_:)`` while a decided end is carried out: wait for it, then ask again.
    func retryTrial(_ id: TrialID) async throws -> Trial?

    // MARK: Lead

    /// Becomes the leader, unless another's lease is still running or the experiment has ended; raises the epoch.
    ///
    /// A leader that holds the lead already takes it again, since the reply to its first call may have been lost.
    /// - Returns: `nil` when someone else leads it, or it has ended.
    func takeLead(of id: ExperimentID, as leader: String, lease: Duration) async throws -> Lead?

    /// Extends the lead. - Returns: `nil` when the lead is lost: another epoch has begun.
    func renewLead(_ lead: Lead, lease: Duration) async throws -> Lead?

    /// Gives the lead up at once; nothing happens if it is lost already.
    func releaseLead(_ lead: Lead) async throws

    /// Changes the experiment. - Throws: ``TrialStoreError/leadLost(_:)`` when the epoch is no longer ours.
    ///
    /// An ending is decided only if the revision is still that of the lead, and it is carried out only after all of
    /// `Experiment.retrying`; otherwise nothing changes.
    func change(_ change: ExperimentChange, lead: Lead) async throws -> Experiment

    /// Promises up to `count` further trial numbers, never beyond `max_trials` as it is now, and none once an ending is decided.
    ///
    /// Nothing is promised either when the lead does not know the newest promise or the newest revision: a call that is made
    /// again since its reply was lost must not promise twice, and `max_concurrent_trials` is judged by the leader.
    /// - Returns: the experiment with `nextTrial` raised. - Throws: ``TrialStoreError/leadLost(_:)``.
    func reserveTrials(_ count: Int, lead: Lead) async throws -> Experiment

    /// Inserts trials of promised numbers, new ones or such as are cancelled from the beginning.
    /// - Returns: the numbers that exist already: they keep their first trial.
    @discardableResult
    func insertTrials(_ trials: [Trial]) async throws -> Set<Int>

    /// Ends every attempt whose lease has run out, by ``Lead/leasesJudgedAt``, as `lost`: back to the queue or, without charges
    /// left, failed. Failed also when it is the second worker that vanished with the trial and no attempt has ever printed or
    /// reported anything.
    /// - Returns: the trials that were changed, as they are now.
    func expireLeases(of lead: Lead, retries: RetryLimits) async throws -> [Trial]

    /// Cancels every trial in state `new` or, of these, only the given numbers. - Returns: the trials that were changed.
    func cancelNewTrials(of lead: Lead, only numbers: [Int]?) async throws -> [Trial]

    /// Leaves an order for the workers of running trials that have none as strong.
    /// - Parameter attempts: only trials with these numbers, and only while this attempt of each runs; `nil` means all.
    func orderRunningTrials(_ order: TrialOrder, of lead: Lead, only attempts: [Int: Int]?) async throws

    /// Leaves ``TrialOrder/stop`` for the worker of each of these trials, with the decision behind it, as long as that attempt
    /// runs and has no order as strong. Repeating it changes nothing.
    /// - Parameter stops: by number of the trial.
    func stopTrials(_ stops: [Int: EarlyStop], of lead: Lead) async throws

    /// Makes every trial of `Experiment.retrying` new, for clients that wanted it and did not come to it.
    /// - Returns: these trials, as they are now.
    func carryOutRetries(of lead: Lead) async throws -> [Trial]

    // MARK: Workers

    /// Workers seen within `liveness` of the store's clock.
    func liveWorkers(within liveness: Duration) async throws -> [Worker]

    /// Asks a worker to leave, on behalf of a person; asking again changes nothing. It reads so when it registers next.
    /// - Returns: the worker as it is known now, or `nil` when the store does not know it (any more).
    func askToLeave(_ worker: WorkerID) async throws -> Worker?

    // MARK: Reading

    /// The number of trials in each state; states without trials are absent.
    func trialCounts(of experiment: ExperimentID) async throws -> [TrialState: Int]

    /// Why the trials in state `failed` ended, counted; causes without trials are absent.
    func failureCauses(of experiment: ExperimentID) async throws -> [TrialCause: Int]

    /// The done trial with the best objective, the earliest of equals.
    func bestTrial(of experiment: ExperimentID) async throws -> Trial?

    /// Observations of a trial by attempt and sequence.
    func observations(of trial: TrialID) async throws -> [Observation]

    /// ``observations(of:)`` of all trials with these numbers, by trial. They are all in memory: ask for few trials at a time.
    func observations(of experiment: ExperimentID, trials: ClosedRange<Int>) async throws -> [Observation]

    /// Observations of one metric by one attempt whose sequence is above `after`, or all, at most `limit`, by sequence, ascending.
    func observations(
        of trial: TrialID,
        attempt: Int,
        metric: String,
        after: Int?,
        limit: Int
    ) async throws -> [Observation]

    /// How many trials are done because an early-termination policy stopped them.
    func stoppedCount(of experiment: ExperimentID) async throws -> Int

    /// Reports that policies look at (``Observation/interval``), by position: `limit` of those after `position`, and all that
    /// share the position of the last of these. Fewer than `limit` means that there are no more.
    func objectiveReports(
        of experiment: ExperimentID,
        after position: ReportPosition,
        limit: Int
    ) async throws -> [ObjectiveReport]

    /// Pieces of output of one attempt, by stream and sequence, from `after` on.
    func log(of trial: TrialID, attempt: Int) async throws -> [LogChunk]

    // MARK: Looking at many things at once

    /// What no document tells of an experiment, oldest first: at most the newest ``NotedEvent/largestCount``.
    ///
    /// The store keeps these by itself inside the calls that make the change, best effort: one may be missing, none is there
    /// twice, and none makes its call fail.
    /// - Parameter since: only those of this moment of the store's clock or later.
    func events(of experiment: ExperimentID, since: Timestamp?) async throws -> [ExperimentEvent]

    /// The trials that something happened to last (made, claimed, ended), at most `count`, by number.
    func latestTrials(of experiment: ExperimentID, count: Int) async throws -> [Trial]

    /// Of the points that people added, the ids of those that have or had a trial.
    func triedPoints(of experiment: ExperimentID) async throws -> Set<String>

    /// The last pieces of one output of an attempt before piece `before`, or of all, at most `count`, by sequence, ascending.
    func lastLogChunks(
        of trial: TrialID,
        attempt: Int,
        stream: LogChunk.Stream,
        before: Int?,
        count: Int
    ) async throws -> [LogChunk]

    /// Every worker that the store remembers, live or not, by id; a store forgets one that was silent for an hour.
    func knownWorkers() async throws -> [Worker]

    /// Every running trial of all experiments.
    func runningTrials() async throws -> [RunningTrial]

    /// Output from the given places on, at most `limit` chunks: by trial, attempt, stream and sequence. Whoever wants all of
    /// it asks again from where the answer ended, until it is empty.
    func logChunks(of experiment: ExperimentID, from places: [LogPosition], limit: Int) async throws -> [LogChunk]

    /// ``trialCounts(of:)`` of many experiments; those without trials are absent.
    func trialCounts(of experiments: [ExperimentID]) async throws -> [ExperimentID: [TrialState: Int]]

    /// ``bestTrial(of:)`` of many experiments; those without one are absent.
    func bestTrials(of experiments: [ExperimentID]) async throws -> [ExperimentID: Trial]
}

extension TrialStore {
    /// Cancels every trial in state `new`. - Returns: the trials that were changed.
    public func cancelNewTrials(of lead: Lead) async throws -> [Trial] {
        try await cancelNewTrials(of: lead, only: nil)
    }

    /// Leaves an order for the worker of every running trial that has none as strong.
    public func orderRunningTrials(_ order: TrialOrder, of lead: Lead) async throws {
        try await orderRunningTrials(order, of: lead, only: nil)
    }

    /// All that is stored of an experiment's events.
    public func events(of experiment: ExperimentID) async throws -> [ExperimentEvent] {
        try await events(of: experiment, since: nil)
    }
}

extension EnqueuedPoint {
    /// Points that one experiment may be given: they live in its document, which MongoDB limits to 16 MB.
    public static let largestCount = 10_000
}
