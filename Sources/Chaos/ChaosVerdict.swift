/// What a chaos run came to: figures, and every promise that was not kept.
public struct ChaosVerdict: Sendable {
    /// Experiments that were created.
    public var experiments = 0
    /// Trials that there must be: the sum of `max_trials`.
    public var expected = 0
    /// Trials that there are.
    public var trials = 0
    /// Trials with a result.
    public var done = 0
    /// Trials whose program failed until their retries were used up.
    public var failed = 0
    /// Trials that were given up because their workers vanished.
    public var deadLetters = 0
    /// Trials that were cancelled; nobody cancels any.
    public var cancelled = 0
    /// Processes that ran trials.
    public var executions = 0
    /// Processes beyond the first of each trial.
    public var repeats = 0
    /// Processes that began while another one of the same trial still ran, in experiments that allow it.
    public var overlaps = 0
    /// Results that were seen to be accepted while the run went on.
    public var acceptances = 0
    /// Changes of leaders.
    public var epochs = 0
    /// What was not kept.
    public var violations: [Violation] = []

    /// A verdict on nothing.
    public init() {}

    /// How often each promise was not kept.
    public func count(_ kind: Violation.Kind) -> Int { violations.count { $0.kind == kind } }

    /// Whether every promise was kept.
    public var isFine: Bool { violations.isEmpty }
}
