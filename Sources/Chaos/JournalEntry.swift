public import ExperimentModel

/// A line of the journal that the trials of a chaos run write.
public struct JournalEntry: Sendable, Hashable {
    /// What a line tells.
    public enum Kind: String, Sendable {
        /// The process has begun.
        case start
        /// It still runs.
        case alive
        /// It knows its result; nothing but printing it is left.
        case end
    }

    /// What an ended attempt came to.
    public enum Result: Sendable, Hashable {
        /// The objective that it prints.
        case value(Double)
        /// It exits with a status other than 0.
        case failed
    }

    /// What happened.
    public var kind: Kind
    /// The trial.
    public var trial: TrialID
    /// The attempt that its worker told it.
    public var attempt: Int
    /// The worker that started it.
    public var worker: WorkerID
    /// The process.
    public var process: Int32
    /// Nanoseconds of the boot-time clock, the same for all processes of the machine.
    public var nanoseconds: Int64
    /// ``TrialFunction/hash(of:)`` of what it was given.
    public var assignmentHash: UInt64
    /// What it came to; `nil` before the end.
    public var result: Result?

    /// A line.
    public init(
        _ kind: Kind,
        trial: TrialID,
        attempt: Int,
        worker: WorkerID,
        process: Int32,
        nanoseconds: Int64,
        assignmentHash: UInt64,
        result: Result? = nil
    ) {
        self.kind = kind
        self.trial = trial
        self.attempt = attempt
        self.worker = worker
        self.process = process
        self.nanoseconds = nanoseconds
        self.assignmentHash = assignmentHash
        self.result = result
    }

    /// Reads a line without its end; `nil` when it is not one.
    public init?(line: some StringProtocol) {
        let fields = line.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 9, let kind = Kind(rawValue: String(fields[0])), let number = Int(fields[2]),
            let attempt = Int(fields[3]), let process = Int32(fields[5]), let nanoseconds = Int64(fields[6]),
            let hash = UInt64(fields[7], radix: 16)
        else { return nil }
        switch (kind, fields[8]) {
        case (.end, "failed"): result = .failed
        case (.end, let text):
            guard let value = Double(text) else { return nil }
            result = .value(value)
        case (_, "-"): result = nil
        default: return nil
        }
        self.kind = kind
        trial = TrialID(experiment: ExperimentID(String(fields[1])), number: number)
        self.attempt = attempt
        worker = WorkerID(String(fields[4]))
        self.process = process
        self.nanoseconds = nanoseconds
        assignmentHash = hash
    }
}
