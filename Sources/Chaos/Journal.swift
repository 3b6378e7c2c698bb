public import ExperimentModel

/// Everything that the processes of trials wrote down of themselves.
public struct Journal: Sendable {
    /// One process that ran an attempt.
    public struct Execution: Sendable, Hashable {
        /// The trial.
        public var trial: TrialID
        /// The attempt that its worker told it.
        public var attempt: Int
        /// The worker that started it.
        public var worker: WorkerID
        /// The process.
        public var process: Int32
        /// When it began, in nanoseconds of the boot-time clock.
        public var startedAt: Int64
        /// The last moment at which it surely ran.
        public var lastSeenAt: Int64
        /// Name of what it was given.
        public var assignmentHash: UInt64
        /// What it came to; `nil` when it was ended before that.
        public var result: JournalEntry.Result?
    }

    /// Every process, by trial, in order of their starts.
    public let executions: [TrialID: [Execution]]
    /// Lines that nothing can be made of, or that have no beginning.
    public let strayLines: Int

    /// Puts lines together.
    /// - Parameter strayLines: lines that could not even be read.
    public init(_ entries: [JournalEntry], strayLines: Int = 0) {
        struct Key: Hashable {
            var trial: TrialID
            var attempt: Int
            var worker: WorkerID
            var process: Int32
        }
        var open: [Key: Execution] = [:]
        var stray = strayLines
        for entry in entries {
            let key = Key(trial: entry.trial, attempt: entry.attempt, worker: entry.worker, process: entry.process)
            if entry.kind == .start, open[key] == nil {
                open[key] = Execution(
                    trial: entry.trial,
                    attempt: entry.attempt,
                    worker: entry.worker,
                    process: entry.process,
                    startedAt: entry.nanoseconds,
                    lastSeenAt: entry.nanoseconds,
                    assignmentHash: entry.assignmentHash
                )
            } else if entry.kind != .start, var execution = open[key] {
                execution.lastSeenAt = max(execution.lastSeenAt, entry.nanoseconds)
                if let result = entry.result { execution.result = result }
                open[key] = execution
            } else {
                stray += 1
            }
        }
        executions = Dictionary(grouping: open.values, by: \.trial).mapValues { executions in
            executions.sorted { ($0.startedAt, $0.attempt, $0.process) < ($1.startedAt, $1.attempt, $1.process) }
        }
        self.strayLines = stray
    }

    /// Reads the text of a journal. A last line without an end is left out: its process was ended while it wrote.
    public init(text: String) {
        var entries: [JournalEntry] = []
        var stray = 0
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines.dropLast() {
            if let entry = JournalEntry(line: line) { entries.append(entry) } else { stray += 1 }
        }
        self.init(entries, strayLines: stray)
    }

    /// The processes of one trial.
    public subscript(trial: TrialID) -> [Execution] { executions[trial] ?? [] }
}
