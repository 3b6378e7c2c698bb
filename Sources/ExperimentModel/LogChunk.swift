/// A piece of the output of one attempt.
public struct LogChunk: Sendable, Hashable {
    /// Which of the two outputs.
    public enum Stream: String, Sendable, Hashable, Codable, CaseIterable {
        case stdout, stderr
    }

    /// The trial that wrote.
    public var trial: TrialID
    /// The attempt that wrote.
    public var attempt: Int
    /// Which output.
    public var stream: Stream
    /// Position among the chunks of this attempt and stream, from 0.
    public var sequence: Int
    /// The bytes as written; a chunk may end inside a character.
    public var bytes: [UInt8]

    /// A piece of output.
    public init(trial: TrialID, attempt: Int, stream: Stream, sequence: Int, bytes: [UInt8]) {
        self.trial = trial
        self.attempt = attempt
        self.stream = stream
        self.sequence = sequence
        self.bytes = bytes
    }
}
