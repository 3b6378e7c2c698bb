/// An end of a program that is not a success, with what it prints and its exit status.
public struct ProgramFailure: Error, Sendable, CustomStringConvertible {
    /// Exit statuses that all programs share.
    public enum Status: Int32, Sendable {
        /// The experiment failed, or there is no such experiment, trial or best.
        case failed = 1
        /// Cancelled or interrupted.
        case interrupted = 2
        /// Bad usage or a bad file.
        case usage = 64
        /// The store is unavailable.
        case unavailable = 69
        /// A bug of ours.
        case internalError = 70
    }

    /// How the program ends.
    public var status: Status
    /// What it prints on standard error; nothing when empty.
    public var description: String

    /// A failure.
    public init(_ status: Status, _ description: String = "") {
        self.status = status
        self.description = description
    }
}
