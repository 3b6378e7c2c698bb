import Foundation
import TuningMath

/// The probability that one side of the split gives to each of several options.
///
/// The observed ones count with their weights by age, and every option with its prior weight. hyperopt 0.3.0,
/// `ap_randint_sampler` and `ap_categorical_sampler`. Nothing is stored for an option that was not observed, so that a
/// wide range of whole numbers costs no memory.
struct CategoricalPosterior {
    private let prior: CategoricalPrior
    /// Observed options, the oldest first, with their weights.
    private var observed: [(option: UInt64, weight: Double)] = []
    private var weights: [UInt64: Double] = [:]
    private var observedWeight = 0.0
    private let total: Double

    /// The posterior after observing options that the prior has, the oldest first.
    init(observations: [UInt64], prior: CategoricalPrior) {
        self.prior = prior
        for (option, weight) in zip(observations, LinearForgetting.weights(count: observations.count)) {
            observed.append((option, weight))
            weights[option, default: 0] += weight
            observedWeight += weight
        }
        total = observedWeight + prior.totalWeight
    }

    /// The probability of an option.
    func probability(of option: UInt64) -> Double {
        ((weights[option] ?? 0) + prior.weight(of: option)) / total
    }

    /// The logarithm of the probability of an option; -infinity when it cannot occur.
    func logDensity(at option: UInt64) -> Double { log(probability(of: option)) }

    /// An option.
    func draw(using generator: inout some RandomNumberGenerator) -> UInt64 {
        var remaining = generator.unitDouble() * total
        if remaining < observedWeight {
            for (option, weight) in observed {
                remaining -= weight
                if remaining < 0 { return option }
            }
        }
        return prior.draw(using: &generator)
    }
}
