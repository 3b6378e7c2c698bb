/// How one attempt ended, as its worker saw it.
public struct AttemptOutcome: Sendable, Hashable {
    /// Why it ended.
    public var cause: TrialCause
    /// The objective as reported (raw, not negated), when there is a finite one.
    public var value: Double?
    /// Exit status of the process, when it exited.
    public var exitStatus: Int32?
    /// Signal that ended the process, when one did.
    public var signal: Int32?
    /// What a person needs to know about an end that was not a success.
    public var message: String?
    /// The last lines of standard error, when the attempt did not succeed.
    public var errorTail: String?
    /// What was run; `nil` when nothing was.
    public var arguments: [String]?
    /// The image that it ran in, by its id (`sha256:…`); `nil` for a plain process.
    public var image: String?

    /// An end of an attempt.
    public init(
        cause: TrialCause,
        value: Double? = nil,
        exitStatus: Int32? = nil,
        signal: Int32? = nil,
        message: String? = nil,
        errorTail: String? = nil,
        arguments: [String]? = nil,
        image: String? = nil
    ) {
        self.cause = cause
        self.value = value
        self.exitStatus = exitStatus
        self.signal = signal
        self.message = message
        self.errorTail = errorTail
        self.arguments = arguments
        self.image = image
    }
}

extension AttemptOutcome {
    /// The end of an attempt whose worker has not renewed its lease.
    public static func lost(worker: WorkerID?) -> AttemptOutcome {
        let name = worker?.rawValue ?? "its worker"
        return AttemptOutcome(
            cause: .lost,
            message: "The lease ran out: \(name) died, was cut off from the store, or was paused."
        )
    }
}
