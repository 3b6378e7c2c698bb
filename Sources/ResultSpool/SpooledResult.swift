public import ExperimentModel

/// What an ended attempt brings and the store has not taken yet, as it is kept on disk.
///
/// Whoever delivers it does so in the name of the worker that ran the attempt: the fence of the store decides whether it
/// still counts.
public struct SpooledResult: Sendable, Hashable {
    /// Reports that are kept of one attempt; of more, the newest.
    public static let largestObservationCount = 20_000
    /// Bytes of the names in these reports.
    public static let largestObservationBytes = 2 << 20
    /// Bytes of output that are kept of one attempt; of more, the newest.
    public static let largestOutputBytes = 1 << 20
    /// Reports that are kept while nothing says that the store is away; a write for each trial must stay small.
    public static let noteObservationCount = 16

    /// The trial.
    public var trial: TrialID
    /// The number of the attempt.
    public var attempt: Int
    /// The worker that ran it.
    public var owner: WorkerID
    /// How it ended.
    public var outcome: AttemptOutcome
    /// How often a trial may be repeated, by the definition of its experiment.
    public var retries: RetryLimits
    /// Reports that are not stored, by sequence.
    public private(set) var observations: [Observation] = []
    /// Output that is not stored, by sequence in each stream.
    public private(set) var output: [LogChunk] = []
    /// Reports that were too many to be kept.
    public internal(set) var droppedObservations = 0
    /// Bytes of output that were too many to be kept.
    public internal(set) var droppedOutputBytes = 0

    /// The end of an attempt, so far without reports and output.
    public init(trial: TrialID, attempt: Int, owner: WorkerID, outcome: AttemptOutcome, retries: RetryLimits) {
        self.trial = trial
        self.attempt = attempt
        self.owner = owner
        self.outcome = outcome
        self.retries = retries
    }

    /// Takes in what is not stored yet, in place of what it held, the newest within the limits.
    /// - Parameter isNote: whether only the few last reports are wanted, and no output.
    public mutating func take(_ observations: [Observation], _ output: [LogChunk], isNote: Bool = false) {
        let limit = isNote ? Self.noteObservationCount : Self.largestObservationCount
        var bytes = 0
        let kept = observations.reversed().prefix(limit).prefix { observation in
            bytes += observation.metric.utf8.count
            return bytes <= Self.largestObservationBytes
        }
        self.observations = kept.reversed()
        droppedObservations = observations.count - kept.count
        var room = isNote ? 0 : Self.largestOutputBytes
        let last = output.reversed().prefix { chunk in
            room -= chunk.bytes.count
            return room >= 0
        }
        self.output = last.reversed()
        droppedOutputBytes = output.dropLast(last.count).reduce(0) { $0 + $1.bytes.count }
    }

    /// What a file of it is called; `nil` when the experiment's id is no safe file name.
    public var fileName: String? { Self.fileName(trial, attempt: attempt) }

    static func fileName(_ trial: TrialID, attempt: Int) -> String? {
        let experiment = trial.experiment.rawValue
        guard !experiment.isEmpty, experiment.utf8.count <= largestNameBytes, experiment.utf8.allSatisfy(isSafe) else {
            return nil
        }
        return "\(experiment)-\(trial.number)-\(attempt)\(SpoolDirectory.resultSuffix)"
    }

    private static let largestNameBytes = 128

    static func isSafe(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
            || byte == 0x5F
    }
}
