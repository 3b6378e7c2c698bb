/// What ends an experiment, a trial, or holds trials back. `nil` means without limit. All of it can be changed later.
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
    /// The experiment ends when a trial's objective is at least as good as this (as reported, not negated).
    public var goalValue: Double?
    /// Whether the experiment fails when its first trials all fail.
    public var isFailFast: Bool

    /// Limits; one of `maxTrials` and `maxDurationSeconds` is required in a file.
    public init(
        maxTrials: Int? = nil,
        maxConcurrentTrials: Int? = nil,
        maxDurationSeconds: Double? = nil,
        trialTimeoutSeconds: Double? = nil,
        maxFailedTrials: Int? = nil,
        goalValue: Double? = nil,
        isFailFast: Bool = true
    ) {
        self.maxTrials = maxTrials
        self.maxConcurrentTrials = maxConcurrentTrials
        self.maxDurationSeconds = maxDurationSeconds
        self.trialTimeoutSeconds = trialTimeoutSeconds
        self.maxFailedTrials = maxFailedTrials
        self.goalValue = goalValue
        self.isFailFast = isFailFast
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
        case goalValue = "goal_value"
        case isFailFast = "fail_fast"
    }

    /// Reads the stored form; what an older program did not write has its default.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        maxTrials = try container.decodeIfPresent(Int.self, forKey: .maxTrials)
        maxConcurrentTrials = try container.decodeIfPresent(Int.self, forKey: .maxConcurrentTrials)
        maxDurationSeconds = try container.decodeIfPresent(Double.self, forKey: .maxDurationSeconds)
        trialTimeoutSeconds = try container.decodeIfPresent(Double.self, forKey: .trialTimeoutSeconds)
        maxFailedTrials = try container.decodeIfPresent(Int.self, forKey: .maxFailedTrials)
        goalValue = try container.decodeIfPresent(Double.self, forKey: .goalValue)
        isFailFast = try container.decodeIfPresent(Bool.self, forKey: .isFailFast) ?? true
    }
}
