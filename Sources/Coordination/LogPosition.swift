public import ExperimentModel

/// How far somebody has read one output of one attempt.
public struct LogPosition: Sendable, Hashable {
    /// Number of the trial.
    public var trial: Int
    /// Number of the attempt.
    public var attempt: Int
    /// Which output.
    public var stream: LogChunk.Stream
    /// The sequence number of the first chunk that is wanted.
    public var next: Int

    /// A place to read on from.
    public init(trial: Int, attempt: Int, stream: LogChunk.Stream, next: Int = 0) {
        self.trial = trial
        self.attempt = attempt
        self.stream = stream
        self.next = next
    }
}
