/// Something that happened to an experiment or to one of its trials.
public struct ExperimentEvent: Sendable, Hashable {
    /// What happened. The raw values are what is stored and what `--json` shows.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The experiment was stored.
        case created
        /// A server took the lead.
        case led
        /// A person paused it.
        case paused
        /// A person let it go on.
        case resumed
        /// A person changed limits.
        case limitsChanged = "limits_changed"
        /// A person added a point to try.
        case pointEnqueued = "point_enqueued"
        /// A person asked for another attempt of a trial.
        case retryAsked = "retry_asked"
        /// It was decided that the experiment ends, and how.
        case endingDecided = "ending_decided"
        /// The experiment reached its terminal state.
        case ended
        /// A person made the experiment go on after its end.
        case reopened
        /// A trial was made.
        case trialCreated = "trial_created"
        /// A worker took a trial: an attempt began.
        case claimed
        /// A policy decided to stop an attempt.
        case stoppedEarly = "stopped_early"
        /// An attempt ended; the cause tells how.
        case attemptEnded = "attempt_ended"
        /// The trial went back to the queue for another attempt.
        case requeued
        /// The trial was cancelled without an attempt that was stopped for it.
        case trialCancelled = "trial_cancelled"
    }

    /// What happened.
    public var kind: Kind
    /// When, by the database's clock.
    public var at: Timestamp
    /// Number of the trial that it happened to; `nil` when it concerns the experiment.
    public var trial: Int?
    /// Number of the attempt.
    public var attempt: Int?
    /// The worker that did it or, of ``Kind/led``, the server.
    public var worker: String?
    /// Why the attempt ended.
    public var cause: TrialCause?
    /// The objective that the attempt reported, raw.
    public var value: Double?
    /// What else a person wants to know.
    public var message: String?

    /// Something that happened.
    public init(
        _ kind: Kind,
        at: Timestamp,
        trial: Int? = nil,
        attempt: Int? = nil,
        worker: String? = nil,
        cause: TrialCause? = nil,
        value: Double? = nil,
        message: String? = nil
    ) {
        self.kind = kind
        self.at = at
        self.trial = trial
        self.attempt = attempt
        self.worker = worker
        self.cause = cause
        self.value = value
        self.message = message
    }
}
