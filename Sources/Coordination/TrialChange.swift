public import ExperimentModel

/// One change of a trial, without what it left as it was.
public struct TrialChange: Sendable, Hashable {
    /// What happened.
    public enum Step: Sendable, Hashable {
        /// A worker took it.
        case claimed(TrialAttempt, leaseUntil: Timestamp?)
        /// Its attempt ended, and the trial with it.
        case ended(End)
        /// Something else: to know it, read the trial.
        case other
    }

    /// The end of a trial by its attempt.
    public struct End: Sendable, Hashable {
        /// `done`, `failed` or `cancelled`.
        public var state: TrialState
        /// Why it ended.
        public var cause: TrialCause
        /// The objective of a done trial.
        public var value: Double?
        /// Which attempt ended.
        public var attempt: Int
        /// What became of the attempt.
        public var outcome: AttemptOutcome
        /// When the attempt ended.
        public var attemptEndedAt: Timestamp
        /// When the trial ended.
        public var finishedAt: Timestamp

        /// The end of a trial.
        public init(
            state: TrialState,
            cause: TrialCause,
            value: Double?,
            attempt: Int,
            outcome: AttemptOutcome,
            attemptEndedAt: Timestamp,
            finishedAt: Timestamp
        ) {
            self.state = state
            self.cause = cause
            self.value = value
            self.attempt = attempt
            self.outcome = outcome
            self.attemptEndedAt = attemptEndedAt
            self.finishedAt = finishedAt
        }
    }

    /// The trial.
    public var id: TrialID
    /// Its version after the change.
    public var version: Int
    /// What happened.
    public var step: Step

    /// A change.
    public init(id: TrialID, version: Int, step: Step) {
        self.id = id
        self.version = version
        self.step = step
    }
}

extension Trial {
    /// The trial after a change, or `nil` when the change does not follow this picture or does not say enough.
    public func after(_ change: TrialChange) -> Trial? {
        guard change.id == id, change.version == version + 1 else { return nil }
        var trial = self
        trial.version = change.version
        switch change.step {
        case .claimed(let attempt, let leaseUntil):
            guard state == .new, attempt.number == self.attempt + 1, attempts.count == self.attempt else { return nil }
            trial.state = .running
            trial.owner = attempt.worker
            trial.attempt = attempt.number
            trial.leaseUntil = leaseUntil
            trial.notBefore = nil
            trial.order = nil
            trial.attempts.append(attempt)
        case .ended(let end):
            guard state == .running, end.attempt == attempt, let last = attempts.indices.last,
                attempts[last].number == attempt
            else { return nil }
            trial.state = end.state
            trial.leaseUntil = nil
            trial.cause = end.cause
            trial.value = end.value
            trial.finishedAt = end.finishedAt
            trial.attempts[last].endedAt = end.attemptEndedAt
            trial.attempts[last].outcome = end.outcome
        case .other: return nil
        }
        return trial
    }
}
