/// One reported value of one metric of one attempt.
public struct Observation: Sendable, Hashable {
    /// The trial that reported.
    public var trial: TrialID
    /// The attempt that reported; numbers restart with each.
    public var attempt: Int
    /// Position among the attempt's observations, from 0; unique within the attempt.
    public var sequence: Int
    /// Name of the metric.
    public var metric: String
    /// The step that the trial named, or the number of earlier reports of this metric.
    public var step: Int64
    /// The value; NaN and infinities are kept as reported.
    public var value: Double
    /// The how-manieth report of the objective in this attempt it is, from 1, where an early-termination policy looks at it;
    /// `nil` otherwise.
    public var interval: Int?

    /// An observation.
    public init(
        trial: TrialID,
        attempt: Int,
        sequence: Int,
        metric: String,
        step: Int64,
        value: Double,
        interval: Int? = nil
    ) {
        self.trial = trial
        self.attempt = attempt
        self.sequence = sequence
        self.metric = metric
        self.step = step
        self.value = value
        self.interval = interval
    }
}
