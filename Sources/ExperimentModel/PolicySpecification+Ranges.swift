/// What the settings of policies may be; whoever reads a policy from outside checks it against these.
extension PolicySpecification {
    /// Of ``evaluationInterval``.
    public static let evaluationIntervals = 1...1_000_000_000
    /// Of ``delayEvaluation``.
    public static let delays = 0...1_000_000_000
    /// Of both kinds of slack.
    public static let slacks = 0...Double.greatestFiniteMagnitude
    /// Of a truncation, in per cent.
    public static let truncationPercentages = 1...99
    /// Of bounds of a threshold: every finite number. One of the two is needed, and the lower may not be above the upper.
    public static let bounds = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
}

extension PolicySpecification.MedianSettings {
    /// Of ``leastTrials``.
    public static let leastTrialsRange = 1...1_000_000
    /// Of ``percentile``.
    public static let percentiles = 0.0...100.0
    /// Of ``patience``.
    public static let patienceRange = 1...1_000_000
}

extension PolicySpecification.HalvingSettings {
    /// Of ``reductionFactor``.
    public static let reductionFactors = 2...1000
    /// Of ``firstRung``.
    public static let firstRungs = 1...1_000_000_000
    /// Of ``largestInterval``; it should be above ``firstRung``, or there is no rung.
    public static let largestIntervals = 2...1_000_000_000
    /// Of ``brackets``.
    public static let bracketsRange = 1...10
}

extension PolicySpecification.DecaySettings {
    /// Of ``confidence``.
    public static let confidences = 0.5...0.999
    /// Of ``largestInterval``.
    public static let largestIntervals = 2...1_000_000_000
}
