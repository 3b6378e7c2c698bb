/// A live worker as it registered itself.
public struct Worker: Sendable, Hashable {
    /// Its name, new at every start.
    public var id: WorkerID
    /// The host it runs on.
    public var host: String
    /// Its process id there.
    public var processID: Int32
    /// How many trials it runs at once.
    public var slots: Int
    /// The only experiments it claims from; empty means all.
    public var experiments: [ExperimentID]
    /// Whether it has been told to leave, and claims no more.
    public var isDraining: Bool
    /// When somebody asked it to leave (`hyperserver drain`), by the database's clock; `nil` when nobody has.
    public var leaveAskedAt: Timestamp?
    /// Version of the program.
    public var version: String
    /// What it is and has, for experiments that require it.
    public var labels: [String: String]
    /// What it runs trials in that name a container; `nil`: it takes none of those, for want of an engine.
    public var runtime: TrialRuntime?
    /// Names of the secrets that it can give to trials.
    public var secrets: [String]
    /// The GPUs that its slots share out among each other, as `CUDA_VISIBLE_DEVICES` names them.
    public var gpus: [String]
    /// When it last renewed, by the database's clock.
    public var lastSeen: Timestamp

    /// A worker.
    public init(
        id: WorkerID,
        host: String,
        processID: Int32,
        slots: Int,
        experiments: [ExperimentID] = [],
        isDraining: Bool = false,
        leaveAskedAt: Timestamp? = nil,
        version: String,
        labels: [String: String] = [:],
        runtime: TrialRuntime? = nil,
        secrets: [String] = [],
        gpus: [String] = [],
        lastSeen: Timestamp = Timestamp(milliseconds: 0)
    ) {
        self.id = id
        self.host = host
        self.processID = processID
        self.slots = slots
        self.experiments = experiments
        self.isDraining = isDraining
        self.leaveAskedAt = leaveAskedAt
        self.version = version
        self.labels = labels
        self.runtime = runtime
        self.secrets = secrets
        self.gpus = gpus
        self.lastSeen = lastSeen
    }

    /// Whether it claims no more, or will not as soon as it hears of it.
    public var isLeaving: Bool { isDraining || leaveAskedAt != nil }
}
