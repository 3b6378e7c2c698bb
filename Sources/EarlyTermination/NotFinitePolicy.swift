public import ExperimentModel

/// Stops a trial whose newest report is NaN or infinite.
public struct NotFinitePolicy: EarlyTerminationPolicy {
    private let specification: PolicySpecification

    /// The policy of a specification.
    public init(specification: PolicySpecification) { self.specification = specification }

    /// Takes in the next report of a curve.
    public mutating func judge(_ curve: LearningCurve) -> EarlyStop? {
        guard specification.applies(at: curve.interval), !curve.last.isFinite else { return nil }
        return EarlyStop(
            attempt: curve.attempt,
            interval: curve.interval,
            policy: .notFinite,
            value: nil,
            threshold: nil,
            message: "stopped at interval \(curve.interval): value \(NumberText.short(curve.last)) is not finite"
        )
    }

    /// Nothing is remembered of trials.
    public mutating func forget(_ curve: LearningCurve) {}
}
