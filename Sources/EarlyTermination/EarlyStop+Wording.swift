import ExperimentModel

extension EarlyStop {
    /// A decision of a policy that compares a score of the trial with the lowest one that may go on.
    /// - Parameters:
    ///   - measure: what the score is of the trial, such as `best`.
    ///   - reason: where the threshold comes from.
    init(
        _ curve: LearningCurve,
        policy: PolicySpecification.Kind,
        measure: String,
        score: Double,
        threshold: Double,
        reason: String
    ) {
        let value = curve.value(ofScore: score)
        let limit = curve.sign * threshold
        let comparison: String
        if let value {
            let (valueText, limitText) = NumberText.pair(value, limit)
            comparison = "\(measure) \(valueText) \(curve.sign > 0 ? "below" : "above") \(limitText)"
        } else {
            comparison = "nothing finite reported, where \(NumberText.short(limit)) was needed"
        }
        self.init(
            attempt: curve.attempt,
            interval: curve.interval,
            policy: policy,
            value: value,
            threshold: limit.isFinite ? limit : nil,
            message: "stopped at interval \(curve.interval): \(comparison), \(reason)"
        )
    }
}
