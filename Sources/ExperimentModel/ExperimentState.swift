/// Where an experiment stands: `created → running ⇄ paused → completed | failed | cancelled`.
public enum ExperimentState: String, Sendable, Hashable, Codable, CaseIterable {
    case created, running, paused, completed, failed, cancelled

    /// Whether the experiment has ended.
    public var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }
}

/// Why an experiment ended.
public enum EndReason: String, Sendable, Hashable, Codable, CaseIterable {
    /// Every allowed trial has its outcome.
    case maxTrials = "max_trials"
    /// Every point of a finite search space has been tried.
    case spaceExhausted = "space_exhausted"
    /// A trial was at least as good as `goal_value`.
    case goalReached = "goal_reached"
    /// The allowed time is over.
    case maxDuration = "max_duration"
    /// More trials failed than allowed.
    case tooManyFailures = "too_many_failures"
    /// The first trials all failed.
    case failFast = "fail_fast"
    /// Its definition cannot be carried out, such as a grid over an infinite search space.
    case invalidDefinition = "invalid_definition"
    /// A person asked for it.
    case user
}

/// How an experiment ends: decided and stored first, then carried out, so that a successor carries out the same.
public struct ExperimentEnding: Sendable, Hashable, Codable {
    /// The terminal state to reach.
    public var state: ExperimentState
    /// Why.
    public var reason: EndReason
    /// What a person needs to know, such as the error of the first trial.
    public var message: String?

    /// A decision to end.
    public init(state: ExperimentState, reason: EndReason, message: String? = nil) {
        self.state = state
        self.reason = reason
        self.message = message
    }
}
