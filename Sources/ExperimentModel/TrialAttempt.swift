/// What is kept of one execution of a trial.
public struct TrialAttempt: Sendable, Hashable {
    /// From 1; the fencing number of its lease.
    public var number: Int
    /// Who ran it.
    public var worker: WorkerID
    /// The host that ran it.
    public var host: String
    /// When it was claimed, by the database's clock.
    public var claimedAt: Timestamp
    /// When its end was written, by the database's clock; `nil` while it runs.
    public var endedAt: Timestamp?
    /// How it ended; `nil` while it runs.
    public var outcome: AttemptOutcome?

    /// A record of an attempt.
    public init(
        number: Int,
        worker: WorkerID,
        host: String,
        claimedAt: Timestamp,
        endedAt: Timestamp? = nil,
        outcome: AttemptOutcome? = nil
    ) {
        self.number = number
        self.worker = worker
        self.host = host
        self.claimedAt = claimedAt
        self.endedAt = endedAt
        self.outcome = outcome
    }
}
