public import ExperimentModel

/// One trial in the answer to a renewal.
public struct HeldTrial: Sendable, Hashable {
    /// The trial.
    public var id: TrialID
    /// The attempt under which it is held.
    public var attempt: Int
    /// What to do with it.
    public var order: TrialOrder?
    /// How long its attempt may run from its start, in seconds, as the limits of its experiment are now; `nil` means without
    /// end.
    public var timeoutSeconds: Double?

    /// A trial that its worker still holds.
    public init(id: TrialID, attempt: Int, order: TrialOrder? = nil, timeoutSeconds: Double? = nil) {
        self.id = id
        self.attempt = attempt
        self.order = order
        self.timeoutSeconds = timeoutSeconds
    }
}

/// What became of a result.
public enum FinishResult: Sendable, Hashable {
    /// It stands; what became of the trial is told.
    case accepted(TrialState)
    /// The attempt was no longer current: the result changed nothing.
    case leaseLost
}

extension FinishResult {
    /// The answer to a result whose attempt is not running any more: the same result may have been accepted before, and its
    /// reply lost.
    /// - Parameter current: the trial as it is now.
    public init(repeating claimed: Trial, _ outcome: AttemptOutcome, on current: Trial) {
        let ours = current.attempts.first { $0.number == claimed.attempt && $0.worker == claimed.owner }
        let cause = outcome.settled.cause
        let isEndedByLeader = ours?.outcome?.message == AttemptOutcome.vanishedBeforeStop
        let isAccepted = ours?.outcome?.cause == cause && cause != .lost && !isEndedByLeader
        self = isAccepted ? .accepted(current.state) : .leaseLost
    }
}
