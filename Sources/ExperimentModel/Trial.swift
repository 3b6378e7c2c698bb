public import SearchSpace

/// One assignment to be evaluated, with everything that happened to it.
public struct Trial: Sendable, Hashable {
    /// Its name.
    public var id: TrialID
    /// Where its assignment comes from.
    public var origin: TrialOrigin
    /// Where it stands.
    public var state: TrialState
    /// The drawn values, flat, as the sampler and hyperopt see them.
    public var suggestion: Suggestion
    /// The values as the trial's process sees them.
    public var assignment: Assignment
    /// Who holds it; `nil` unless it runs. Of a finished trial: who finished it.
    public var owner: WorkerID?
    /// Number of claims so far: the fencing number of the current lease.
    public var attempt: Int
    /// Grows on every change that is not a mere renewal.
    public var version: Int
    /// When the lease ends, by the database's clock.
    public var leaseUntil: Timestamp?
    /// Not to be claimed before this moment of the database's clock.
    public var notBefore: Timestamp?
    /// What its worker is to do with it; comes back with the renewal.
    public var order: TrialOrder?
    /// The last decision of an early-termination policy to stop an attempt of it, obeyed or not.
    public var earlyStop: EarlyStop?
    /// Repeats that were charged so far, per cause.
    public var charges: [TrialCause: Int]
    /// Every execution, in order.
    public var attempts: [TrialAttempt]
    /// Why it ended; `nil` until it has.
    public var cause: TrialCause?
    /// The objective as reported; `nil` unless it has a finite one.
    public var value: Double?
    /// When it was inserted, by the leader's view of the database's clock.
    public var createdAt: Timestamp
    /// When it ended.
    public var finishedAt: Timestamp?

    /// A new trial of a suggestion.
    public init(
        id: TrialID,
        suggestion: Suggestion,
        assignment: Assignment,
        origin: TrialOrigin = .sampler,
        createdAt: Timestamp
    ) {
        self.id = id
        self.origin = origin
        state = .new
        self.suggestion = suggestion
        self.assignment = assignment
        attempt = 0
        version = 0
        charges = [:]
        attempts = []
        self.createdAt = createdAt
    }
}
