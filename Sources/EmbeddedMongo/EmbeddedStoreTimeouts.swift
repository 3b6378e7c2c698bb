/// How long the embedded store waits for what it cannot hurry.
public struct EmbeddedStoreTimeouts: Sendable {
    /// For `mongod --version`.
    public var version = Duration.seconds(20)
    /// For another process that starts or stops the store.
    public var startLock = Duration.seconds(120)
    /// From the start of `mongod` until it accepts writes; a recovery after a crash falls in here.
    public var ready = Duration.seconds(90)
    /// From SIGTERM until `mongod` is gone.
    public var stop = Duration.seconds(60)
    /// For one command while the store is set up.
    public var command = Duration.seconds(10)
    /// How often a running store is checked by `keepRunning`.
    public var supervision = Duration.seconds(1)
    /// The first and the longest pause between two looks for a store that others start.
    public var firstLook = Duration.milliseconds(100)
    /// The longest pause between two looks.
    public var longestLook = Duration.seconds(2)
    /// How often waiting is reported.
    public var report = Duration.seconds(60)

    /// The defaults.
    public init() {}
}
