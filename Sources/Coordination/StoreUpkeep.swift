public import ExperimentModel

/// What a store does with records of the past: reading them in pages, measuring and removing them.
///
/// A part of ``TrialStore``, with the same rules: every call may be made again.
public protocol StoreUpkeep: Sendable {
    /// Trials with numbers above `number`, ascending, `limit` at most: pages, for experiments of any size.
    func trials(of experiment: ExperimentID, after number: Int, limit: Int) async throws -> [Trial]

    /// Marks a finished experiment as deleted, if nobody has changed it since it was read: from then on it is gone for every
    /// call but ``purge(_:)``, ``leftovers()`` and ``records(of:)``. Whoever led it has lost the lead.
    /// - Returns: whether it is marked now or was before; `false` when it has not ended, or when somebody steered it (revision).
    func markDeleted(_ experiment: Experiment) async throws -> Bool

    /// Removes everything that is stored of an experiment that is marked as deleted or that does not exist, its own document
    /// last. A call that was cut short is completed by the next.
    /// - Throws: ``TrialStoreError/rejected(_:)`` when the experiment exists and is not marked, and for records that
    ///   ``leftovers()`` passes over.
    func purge(_ id: ExperimentID) async throws

    /// What ``purge(_:)`` is for: experiments that are marked as deleted, and ids of records whose experiment does not exist.
    ///
    /// Records are passed over when their id is none of ours (``ExperimentID/isOurs``: another program shares the
    /// collection), and when they are trials that were tried: a deletion never leaves such, so that the experiment was lost in
    /// another way, maybe by a restoration that is under way, and people may want them.
    func leftovers() async throws -> [ExperimentID]

    /// Bytes of the output of an experiment by the number of the trial; what was removed counts no more.
    func logBytes(of id: ExperimentID) async throws -> [Int: Int64]

    /// How much is stored of an experiment, marked or not, or of an id without one.
    func records(of id: ExperimentID) async throws -> StoredRecords

    /// Removes the output of the attempts of a trial up to and with `attempt`, and leaves `note` in its place, as the first
    /// piece of standard error. The note of an earlier call stands.
    func removeLogs(of trial: TrialID, through attempt: Int, leaving note: String) async throws
}

/// How much is stored of one experiment.
public struct StoredRecords: Sendable, Hashable {
    /// Trials.
    public var trials: Int
    /// Bytes of output by the number of the trial; what was removed counts no more.
    public var logBytes: [Int: Int64]
    /// Bytes of everything else: trials, reported values, events.
    public var otherBytes: Int64
    /// Bytes of the files that its trials left.
    public var artifactBytes: Int64 = 0

    /// Nothing unless said otherwise.
    public init(trials: Int = 0, logBytes: [Int: Int64] = [:], otherBytes: Int64 = 0) {
        self.trials = trials
        self.logBytes = logBytes
        self.otherBytes = otherBytes
    }

    /// Bytes of the output of all trials.
    public var totalLogBytes: Int64 { logBytes.values.reduce(0, +) }
}
