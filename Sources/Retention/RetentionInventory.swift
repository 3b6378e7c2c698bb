public import ExperimentModel

/// Everything that could be removed, and what is known of it: the input of ``RetentionPlan``.
public struct RetentionInventory: Sendable, Hashable {
    /// What trials wrote, one entry for each trial with output in the store.
    public var logs: [StoredLog]
    /// Directories of attempts on this host.
    public var attempts: [AttemptFiles]
    /// Temporary files of workers on this host.
    public var spools: [SpoolFile]
    /// Experiments whose deletion was cut short, and records without an experiment.
    public var leftovers: [Leftover]
    /// Workspaces, and pieces of files, that nothing refers to.
    public var files: [ForgottenFile] = []

    /// An inventory.
    public init(
        logs: [StoredLog] = [],
        attempts: [AttemptFiles] = [],
        spools: [SpoolFile] = [],
        leftovers: [Leftover] = []
    ) {
        self.logs = logs
        self.attempts = attempts
        self.spools = spools
        self.leftovers = leftovers
    }
}

/// What the store knows of the trial to which something belongs.
public enum TrialStanding: Sendable, Hashable {
    /// The trial has its outcome and so has its experiment.
    case finished(at: Timestamp)
    /// The same, and no trial of the experiment is better.
    case best
    /// The attempt runs.
    case running
    /// The trial or its experiment is not over.
    case unfinished
    /// The store has no such trial; maybe another store has.
    case unknown
}

/// The output of one trial in the store.
public struct StoredLog: Sendable, Hashable {
    /// The trial that wrote.
    public var trial: TrialID
    /// Its last attempt.
    public var attempt: Int
    /// Bytes in the store.
    public var bytes: Int64
    /// What is known of the trial.
    public var standing: TrialStanding

    /// An entry.
    public init(trial: TrialID, attempt: Int, bytes: Int64, standing: TrialStanding) {
        self.trial = trial
        self.attempt = attempt
        self.bytes = bytes
        self.standing = standing
    }
}

/// The directory of one attempt on this host.
public struct AttemptFiles: Sendable, Hashable {
    /// The trial, as the directory's place names it.
    public var trial: TrialID
    /// The attempt, as the directory's name says.
    public var attempt: Int
    /// Bytes of everything in it.
    public var bytes: Int64
    /// Of these, bytes in `output/`: what the trial left for people.
    public var artifactBytes: Int64
    /// When anything in it last changed, by this host's clock.
    public var changedAt: Timestamp
    /// What is known of the trial.
    public var standing: TrialStanding

    /// An entry.
    public init(
        trial: TrialID,
        attempt: Int,
        bytes: Int64,
        artifactBytes: Int64,
        changedAt: Timestamp,
        standing: TrialStanding = .unknown
    ) {
        self.trial = trial
        self.attempt = attempt
        self.bytes = bytes
        self.artifactBytes = artifactBytes
        self.changedAt = changedAt
        self.standing = standing
    }
}

/// A temporary file of a worker, which usually has no name for longer than a moment.
public struct SpoolFile: Sendable, Hashable {
    /// Its name in the work directory.
    public var name: String
    /// The process that made it.
    public var processID: Int32
    /// Its size.
    public var bytes: Int64
    /// When it last changed, by this host's clock.
    public var changedAt: Timestamp
    /// Whether it holds a result that waits for the store, or one that cannot be read; its name is that in the spool.
    public var isResult: Bool

    /// An entry.
    public init(name: String, processID: Int32, bytes: Int64, changedAt: Timestamp, isResult: Bool = false) {
        self.name = name
        self.processID = processID
        self.bytes = bytes
        self.changedAt = changedAt
        self.isResult = isResult
    }
}

/// Records in the store that belong to no experiment any more.
public struct Leftover: Sendable, Hashable {
    /// The id that they name.
    public var experiment: ExperimentID
    /// Bytes of all of them.
    public var bytes: Int64

    /// An entry.
    public init(experiment: ExperimentID, bytes: Int64) {
        self.experiment = experiment
        self.bytes = bytes
    }
}
