/// What ends an experiment, a trial, or holds trials back. `nil` means without limit.
public struct Limits: Sendable, Hashable, Codable {
    /// Trials that are ever created; retries do not count.
    public var maxTrials: Int?
    /// Trials that may be new or running at once.
    public var maxConcurrentTrials: Int?
    /// Seconds from the first claim; at its end running trials are cancelled.
    public var maxDurationSeconds: Double?
    /// Seconds that one attempt may run.
    public var trialTimeoutSeconds: Double?
    /// The experiment fails when more trials than this have failed.
    public var maxFailedTrials: Int?

    /// Limits; one of `maxTrials` and `maxDurationSeconds` is required in a file.
    public init(
        maxTrials: Int? = nil,
        maxConcurrentTrials: Int? = nil,
        maxDurationSeconds: Double? = nil,
        trialTimeoutSeconds: Double? = nil,
        maxFailedTrials: Int? = nil
    ) {
        self.maxTrials = maxTrials
        self.maxConcurrentTrials = maxConcurrentTrials
        self.maxDurationSeconds = maxDurationSeconds
        self.trialTimeoutSeconds = trialTimeoutSeconds
        self.maxFailedTrials = maxFailedTrials
    }

    /// `trial_timeout` as a duration.
    public var trialTimeout: Duration? { trialTimeoutSeconds.map { .seconds($0) } }
    /// `max_duration` as a duration.
    public var maxDuration: Duration? { maxDurationSeconds.map { .seconds($0) } }

    enum CodingKeys: String, CodingKey {
        case maxTrials = "max_trials"
        case maxConcurrentTrials = "max_concurrent_trials"
        case maxDurationSeconds = "max_duration"
        case trialTimeoutSeconds = "trial_timeout"
        case maxFailedTrials = "max_failed_trials"
    }
}
