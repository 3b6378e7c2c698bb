public import ExperimentModel

/// A trial that some worker holds, as far as an overview of the workers needs it.
public struct RunningTrial: Sendable, Hashable {
    /// The trial.
    public var id: TrialID
    /// The attempt that runs.
    public var attempt: Int
    /// Who holds it.
    public var worker: WorkerID
    /// When it was claimed.
    public var claimedAt: Timestamp?
    /// When its lease ends.
    public var leaseUntil: Timestamp?

    /// A trial that runs.
    public init(id: TrialID, attempt: Int, worker: WorkerID, claimedAt: Timestamp?, leaseUntil: Timestamp?) {
        self.id = id
        self.attempt = attempt
        self.worker = worker
        self.claimedAt = claimedAt
        self.leaseUntil = leaseUntil
    }
}
