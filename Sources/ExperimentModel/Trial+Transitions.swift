/// The trial diagram as code: each arrow is one method, and both stores follow it. Drawn in `docs/state-machines.md`.
extension Trial {
    /// What becomes of a trial when an attempt ends.
    public enum Disposition: Sendable, Hashable {
        /// The outcome is final.
        case finish(TrialState)
        /// Back to the queue, to be claimed when `after` is over; `charging` counts against the retries, `nil` is free.
        case requeue(charging: TrialCause?, after: Duration = .zero)
    }

    /// What an ended attempt leaves behind.
    public struct AttemptEnd: Sendable, Hashable {
        /// What becomes of the trial.
        public var disposition: Disposition
        /// What is kept of the attempt: the outcome as reported, with what the decision adds to its message.
        public var outcome: AttemptOutcome
    }

    /// Decides what an ended attempt means.
    ///
    /// A finite objective is done; a cancel is cancelled; a drain costs nothing; anything else is repeated while its
    /// cause has charges left and is failed after that.
    /// - Parameter isPoison: the attempt was lost, and the trial may be what takes its workers down; see
    ///   ``isPoisonUnlessHeard``.
    public static func disposition(
        of cause: TrialCause,
        charges: [TrialCause: Int],
        retries: RetryLimits,
        order: TrialOrder? = nil,
        isPoison: Bool = false
    ) -> Disposition {
        switch cause {
        case .succeeded, .stoppedEarly: return .finish(.done)
        case .cancelled: return .finish(.cancelled)
        // An order to cancel outlives the attempt: repeating what the user cancelled would undo the order.
        case _ where order == .cancel: return .finish(.cancelled)
        case .drained: return .requeue(charging: nil)
        case .lost where isPoison: return .finish(.failed)
        case .failed, .timedOut, .outOfMemory, .noMetric, .notANumber, .lost:
            let charged = charges[cause, default: 0]
            return charged < retries.allowed(for: cause)
                ? .requeue(charging: cause, after: retries.delay(for: cause, charged: charged)) : .finish(.failed)
        }
    }

    /// Decides what the end of the current attempt means.
    /// - Parameter hasBeenHeard: whether any attempt has printed or reported anything; asked only where
    ///   ``isPoisonUnlessHeard``.
    public func attemptEnd(with outcome: AttemptOutcome, retries: RetryLimits, hasBeenHeard: Bool = true) -> AttemptEnd
    {
        let outcome = outcome.settled
        let isPoison = outcome.cause == .lost && !hasBeenHeard && isPoisonUnlessHeard
        let disposition = Self.disposition(
            of: outcome.cause,
            charges: charges,
            retries: retries,
            order: order,
            isPoison: isPoison
        )
        var end = AttemptEnd(disposition: disposition, outcome: outcome)
        if outcome.cause == .lost, disposition == .finish(.failed) {
            let repeats = charges[.lost, default: 0]
            end.outcome = isPoison ? .poison(self) : .lostForGood(outcome, repeats: repeats)
        }
        return end
    }

    /// new → running: a worker takes the trial for `lease`.
    public mutating func claim(by worker: WorkerID, host: String, at now: Timestamp, lease: Duration) {
        precondition(state == .new, "only a new trial can be claimed")
        state = .running
        owner = worker
        attempt += 1
        version += 1
        leaseUntil = now + lease
        notBefore = nil
        order = nil
        attempts.append(TrialAttempt(number: attempt, worker: worker, host: host, claimedAt: now))
    }

    /// running → done, failed, cancelled or back to new, as ``attemptEnd(with:retries:hasBeenHeard:)`` decides.
    @discardableResult
    public mutating func end(
        with reported: AttemptOutcome,
        retries: RetryLimits,
        hasBeenHeard: Bool = true,
        at now: Timestamp
    ) -> Disposition {
        precondition(state == .running, "only a running trial can end")
        let end = attemptEnd(with: reported, retries: retries, hasBeenHeard: hasBeenHeard)
        let (disposition, outcome) = (end.disposition, end.outcome)
        version += 1
        leaseUntil = nil
        if let last = attempts.indices.last {
            attempts[last].endedAt = now
            attempts[last].outcome = outcome
        }
        switch disposition {
        case .finish(let end):
            state = end
            cause = end == .cancelled ? .cancelled : outcome.cause
            value = end == .cancelled ? nil : outcome.value
            finishedAt = now
        case .requeue(let charged, let delay):
            state = .new
            owner = nil
            order = nil
            notBefore = delay > .zero ? now + delay : nil
            if let charged { charges[charged, default: 0] += 1 }
        }
        return disposition
    }

    /// new → cancelled: it never ran, or will not run again.
    public mutating func cancel(at now: Timestamp) {
        precondition(state == .new, "only a new trial can be cancelled without its worker")
        state = .cancelled
        cause = .cancelled
        version += 1
        finishedAt = now
    }

    /// failed, cancelled → new: a person wants another attempt, with all charges given back.
    public mutating func retry() {
        precondition(isRetryable, "only a failed or cancelled trial can be tried again")
        state = .new
        owner = nil
        order = nil
        earlyStop = nil
        cause = nil
        value = nil
        notBefore = nil
        charges = [:]
        finishedAt = nil
        version += 1
    }

    /// Whether it waits in the queue for its time to come.
    public func isDelayed(at now: Timestamp) -> Bool { state == .new && notBefore.map { $0 > now } ?? false }

    /// Whether a person may ask for another attempt: it ended without an objective.
    public var isRetryable: Bool { state == .failed || state == .cancelled }

    /// Whether the lease of a running trial has run out.
    public func hasExpired(at now: Timestamp) -> Bool {
        guard state == .running, let leaseUntil else { return false }
        return leaseUntil <= now
    }
}
