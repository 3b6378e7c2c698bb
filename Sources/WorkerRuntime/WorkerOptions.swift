public import Execution
public import ExperimentModel

/// What a worker was told at its start.
public struct WorkerOptions: Sendable {
    /// Trials run at once.
    public var slots: Int
    /// The only experiments to claim from; empty means all.
    public var experiments: [ExperimentID]
    /// How long trials may go on once the worker was told to leave.
    public var drainTimeout: Duration
    /// Leave by itself after so long without anything to do; `nil` means never.
    public var exitWhenIdle: Duration?
    /// Where output waits that the store has not taken yet; a directory that exists.
    public var spoolDirectory: String
    /// Work directory in which results are kept until the store has them; `nil`: only in memory.
    public var resultDirectory: String?
    /// Shares GPUs out among slots; `nil`: there are none to share out.
    public var gpus: GPUPool?
    /// Factor by which a wait is stretched, so that many workers do not act in step; called for each wait.
    public var jitter: @Sendable () -> Double
    /// Keeps the files that attempts leave; `nil`: they stay where they are.
    public var artifacts: (any ArtifactKeeper)?
    /// The clock of the machine, by which a guard ends exclusive trials.
    public var bootClock: @Sendable () -> BootInstant = { .now }

    /// Time that trials get after the first request to leave.
    public static let defaultDrainTimeout: Duration = .seconds(60)

    /// Options with the defaults of the command line.
    public init(
        slots: Int = 1,
        experiments: [ExperimentID] = [],
        drainTimeout: Duration = WorkerOptions.defaultDrainTimeout,
        exitWhenIdle: Duration? = nil,
        spoolDirectory: String,
        resultDirectory: String? = nil,
        gpus: GPUPool? = nil,
        jitter: @escaping @Sendable () -> Double = { 1 }
    ) {
        self.slots = slots
        self.experiments = experiments
        self.drainTimeout = drainTimeout
        self.exitWhenIdle = exitWhenIdle
        self.spoolDirectory = spoolDirectory
        self.resultDirectory = resultDirectory
        self.gpus = gpus
        self.jitter = jitter
    }
}
