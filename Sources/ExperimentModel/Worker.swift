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
        self.lastSeen = lastSeen
    }

    /// Whether it claims no more, or will not as soon as it hears of it.
    public var isLeaving: Bool { isDraining || leaveAskedAt != nil }

    /// Whether it would claim a trial of `experiment` if a slot were free.
    public func serves(_ experiment: ExperimentID) -> Bool {
        !isLeaving && (experiments.isEmpty || experiments.contains(experiment))
    }
}
