/// What happened to an experiment, put together from its documents and from the events that are stored beside them.
///
/// What a trial's document tells is never stored a second time; see decision 14.
public enum ExperimentEvents {
    /// Everything that happened, oldest first; of equal times, in the order in which such things happen.
    ///
    /// - Parameters:
    ///   - trials: all trials, or those that are of interest.
    ///   - stored: what the store kept; where an event is missing that the experiment's document tells, it is filled in.
    /// - Complexity: O(n log n) in the number of events.
    public static func timeline(
        _ experiment: Experiment,
        trials: [Trial],
        stored: [ExperimentEvent]
    ) -> [ExperimentEvent] {
        var retries: [Int: [Timestamp]] = [:]
        for event in stored where event.kind == .retryAsked {
            if let trial = event.trial { retries[trial, default: []].append(event.at) }
        }
        let own = stored + missing(in: stored, of: experiment)
        let isLast: (ExperimentEvent) -> Bool = { $0.kind == .endingDecided || $0.kind == .ended }
        var events = [ExperimentEvent(.created, at: experiment.createdAt)]
        events += own.filter { !isLast($0) }
        for trial in trials.sorted(by: { $0.id < $1.id }) {
            events += self.events(
                of: trial,
                retriesAskedAt: retries[trial.id.number] ?? [],
                limits: experiment.definition.retries
            )
        }
        events += own.filter(isLast)
        return events.enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }

    /// What happened to one trial, as its document tells it, oldest first.
    ///
    /// - Parameter retries: when people asked for another attempt: an attempt before such a moment was the trial's end, not
    ///   a return to the queue.
    /// - Parameter limits: how often attempts are repeated, for what is said of a repeat.
    public static func events(
        of trial: Trial,
        retriesAskedAt retries: [Timestamp] = [],
        limits: RetryLimits = RetryLimits()
    ) -> [ExperimentEvent] {
        let number = trial.id.number
        // The leader reckons the time of making by its own clock: it may be a little late, and never after the first claim.
        let createdAt = min(trial.createdAt, trial.attempts.first?.claimedAt ?? trial.createdAt)
        let origin = trial.origin == .sampler ? nil : trial.origin.text
        var events = [ExperimentEvent(.trialCreated, at: createdAt, trial: number, message: origin)]
        let final = Set(retries.compactMap { lastFailure(of: trial, before: $0) })
        var charged: [TrialCause: Int] = [:]
        for (index, attempt) in trial.attempts.enumerated() {
            events.append(
                ExperimentEvent(
                    .claimed,
                    at: attempt.claimedAt,
                    trial: number,
                    attempt: attempt.number,
                    worker: attempt.worker.rawValue,
                    message: "on \(attempt.host)"
                )
            )
            if let stop = trial.earlyStop, stop.attempt == attempt.number, let decidedAt = stop.decidedAt {
                events.append(
                    ExperimentEvent(
                        .stoppedEarly,
                        at: decidedAt,
                        trial: number,
                        attempt: attempt.number,
                        value: stop.value,
                        message: stop.message
                    )
                )
            }
            guard let endedAt = attempt.endedAt, let outcome = attempt.outcome else { continue }
            events.append(
                ExperimentEvent(
                    .attemptEnded,
                    at: endedAt,
                    trial: number,
                    attempt: attempt.number,
                    worker: attempt.worker.rawValue,
                    cause: outcome.cause,
                    value: outcome.value,
                    message: outcome.message
                )
            )
            let goesOn = index + 1 < trial.attempts.count || !trial.state.isTerminal || isCancelledInQueue(trial)
            let isRetried = final.contains(index)
            if isRetried { charged = [:] }
            if goesOn, !isRetried {
                events.append(
                    ExperimentEvent(
                        .requeued,
                        at: endedAt,
                        trial: number,
                        attempt: attempt.number,
                        cause: outcome.cause,
                        message: repeatText(outcome.cause, charged[outcome.cause, default: 0], limits)
                    )
                )
                charged[outcome.cause, default: 0] += 1
            }
        }
        if isCancelledInQueue(trial), let finishedAt = trial.finishedAt {
            events.append(ExperimentEvent(.trialCancelled, at: finishedAt, trial: number))
        }
        return events
    }

    /// What a repeat costs, and how long it waits.
    private static func repeatText(_ cause: TrialCause, _ charged: Int, _ limits: RetryLimits) -> String {
        guard RetryLimits.retryableCauses.contains(cause) else { return "without charge" }
        let seconds = limits.delay(for: cause, charged: charged).inSeconds
        let wait =
            seconds > 0 ? "after \(seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)") s" : "at once"
        return "repeat \(charged + 1) of \(limits.allowed(for: cause)) for \(cause.rawValue), \(wait)"
    }

    /// The attempt, by index, that was the end of the trial until somebody asked for another one at this moment.
    private static func lastFailure(of trial: Trial, before retry: Timestamp) -> Int? {
        trial.attempts.indices.last { index in
            guard let endedAt = trial.attempts[index].endedAt, let cause = trial.attempts[index].outcome?.cause else {
                return false
            }
            let next = index + 1 < trial.attempts.count ? trial.attempts[index + 1].claimedAt : retry
            let isFailure = cause != .succeeded && cause != .stoppedEarly && cause != .drained
            return isFailure && endedAt <= retry && retry <= next
        }
    }

    /// Whether a trial was cancelled while it waited, not by stopping its attempt.
    private static func isCancelledInQueue(_ trial: Trial) -> Bool {
        guard trial.state == .cancelled, let finishedAt = trial.finishedAt else { return false }
        guard let last = trial.attempts.last else { return true }
        // A last attempt that ended with the trial, by whatever cause, was its end.
        return last.outcome?.cause != .cancelled && last.endedAt != finishedAt
    }

    /// What the experiment's document tells and no stored event does, such as in a database of an older version.
    private static func missing(in stored: [ExperimentEvent], of experiment: Experiment) -> [ExperimentEvent] {
        func fill(_ kind: ExperimentEvent.Kind, _ at: Timestamp?, _ message: String? = nil) -> [ExperimentEvent] {
            guard let at, !stored.contains(where: { $0.kind == kind && $0.at == at }) else { return [] }
            return [ExperimentEvent(kind, at: at, message: message)]
        }
        return fill(.paused, experiment.pausedAt) + fill(.reopened, experiment.reopenedAt)
            + fill(.ended, experiment.finishedAt, experiment.ending?.summary)
    }
}

extension ExperimentEnding {
    /// For people: `completed (max_trials)`.
    public var summary: String { "\(state.rawValue) (\(reason.rawValue))" }
}
