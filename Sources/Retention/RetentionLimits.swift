/// How long and how much is kept of what trials leave behind. `nil` means without limit.
public struct RetentionLimits: Sendable, Hashable {
    /// Age of output in the store, counted from the end of its trial.
    public var logAge: Duration?
    /// Bytes of output in the store, of all experiments together.
    public var logBytes: Int64?
    /// Age of an attempt's directory, counted from the end of the attempt, or from its last change where that is not known.
    public var attemptAge: Duration?
    /// Bytes of all directories of attempts on this host.
    public var attemptBytes: Int64?

    /// Age of output that is kept unless another is given.
    public static let defaultLogAge: Duration = .seconds(30 * 86_400)
    /// Output that is kept unless another amount is given.
    public static let defaultLogBytes: Int64 = 10 << 30
    /// Age of a directory that is kept unless another is given.
    public static let defaultAttemptAge: Duration = .seconds(30 * 86_400)
    /// Directories that are kept unless another amount is given.
    public static let defaultAttemptBytes: Int64 = 20 << 30
    /// Age of a worker's temporary file that nobody can be using any more.
    public static let spoolAge: Duration = .seconds(86_400)

    /// Age of a workspace in the store that no experiment names, and of pieces of a file: an experiment may be about to be
    /// created with it.
    public static let fileAge: Duration = .seconds(86_400)

    /// The defaults unless others are given.
    public init(
        logAge: Duration? = defaultLogAge,
        logBytes: Int64? = defaultLogBytes,
        attemptAge: Duration? = defaultAttemptAge,
        attemptBytes: Int64? = defaultAttemptBytes
    ) {
        self.logAge = logAge
        self.logBytes = logBytes
        self.attemptAge = attemptAge
        self.attemptBytes = attemptBytes
    }
}
