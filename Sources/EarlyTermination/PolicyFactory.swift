public import ExperimentModel

/// Makes policies of what experiments name.
public enum PolicyFactory {
    /// The policy of a specification, before any report.
    public static func makePolicy(_ specification: PolicySpecification) -> any EarlyTerminationPolicy {
        switch specification.rule {
        case .bandit(let slack): BanditPolicy(slack, specification: specification)
        case .medianStopping(let settings): MedianStoppingPolicy(settings, specification: specification)
        case .truncationSelection(let percentage, let excludesFinished):
            TruncationSelectionPolicy(
                percentage: percentage,
                excludesFinished: excludesFinished,
                specification: specification
            )
        case .asha(let settings): SuccessiveHalvingPolicy(settings, specification: specification)
        case .decayCurve(let settings): DecayCurvePolicy(settings, specification: specification)
        case .threshold(let lower, let upper): ThresholdPolicy(lower: lower, upper: upper, specification: specification)
        case .notFinite: NotFinitePolicy(specification: specification)
        }
    }
}
