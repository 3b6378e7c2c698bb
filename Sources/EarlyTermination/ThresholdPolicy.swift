public import ExperimentModel

/// Stops a trial whose newest report lies outside of fixed bounds.
///
/// The bounds themselves are inside. An infinity is outside of a bound on its side; NaN is inside of no bounds.
public struct ThresholdPolicy: EarlyTerminationPolicy {
    private let specification: PolicySpecification
    private let lower: Double?
    private let upper: Double?

    /// The policy of a specification with bounds.
    public init(lower: Double?, upper: Double?, specification: PolicySpecification) {
        self.lower = lower
        self.upper = upper
        self.specification = specification
    }

    /// Takes in the next report of a curve.
    public mutating func judge(_ curve: LearningCurve) -> EarlyStop? {
        guard specification.applies(at: curve.interval) else { return nil }
        let value = curve.last
        let bound: Double
        let side: String
        if let lower, !(value >= lower) {
            (bound, side) = (lower, "below the lower bound")
        } else if let upper, !(value <= upper) {
            (bound, side) = (upper, "above the upper bound")
        } else {
            return nil
        }
        let (valueText, boundText) = NumberText.pair(value, bound)
        let place =
            value.isNaN ? "value nan, not within the bound \(boundText)" : "value \(valueText) \(side) \(boundText)"
        return EarlyStop(
            attempt: curve.attempt,
            interval: curve.interval,
            policy: .threshold,
            value: value.isFinite ? value : nil,
            threshold: bound,
            message: "stopped at interval \(curve.interval): \(place)"
        )
    }

    /// Nothing is remembered of trials.
    public mutating func forget(_ curve: LearningCurve) {}
}
