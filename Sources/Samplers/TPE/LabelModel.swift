import SearchSpace

/// The two densities of one label, and the choice between candidates that they make.
enum LabelModel {
    case numeric(NumericPrior, below: TruncatedMixture, above: TruncatedMixture)
    case categorical(CategoricalPrior, below: CategoricalPosterior, above: CategoricalPosterior)

    /// The model of a parameter after some trials; `nil` when there is nothing to choose from.
    init?(_ parameter: Parameter, split: TrialSplit) {
        if let prior = CategoricalPrior(parameter.domain) {
            let (below, above) = split.observations(of: parameter.label, as: prior.option)
            self = .categorical(
                prior,
                below: CategoricalPosterior(observations: below, prior: prior),
                above: CategoricalPosterior(observations: above, prior: prior)
            )
        } else if let prior = NumericPrior(parameter.domain) {
            let (below, above) = split.observations(of: parameter.label) { $0.number.isFinite ? $0.number : nil }
            self = .numeric(
                prior,
                below: TruncatedMixture(observations: below, prior: prior),
                above: TruncatedMixture(observations: above, prior: prior)
            )
        } else {
            return nil
        }
    }

    /// The best of the candidates drawn from the density of the best trials.
    func best(using generator: inout some RandomNumberGenerator) -> LabelValue {
        switch self {
        case .numeric(let prior, let below, let above):
            let candidates = (0..<TPESettings.candidates).map { _ in below.draw(using: &generator) }
            return prior.labelValue(
                Self.best(of: candidates) { below.logDensity(at: $0) - above.logDensity(at: $0) }
            )
        case .categorical(let prior, let below, let above):
            let candidates = (0..<TPESettings.candidates).map { _ in below.draw(using: &generator) }
            return prior.labelValue(
                Self.best(of: candidates) { below.logDensity(at: $0) - above.logDensity(at: $0) }
            )
        }
    }

    /// The first candidate with the largest score. One whose score is not a number is worse than all others.
    private static func best<Value: Equatable>(of candidates: [Value], score: (Value) -> Double) -> Value {
        var best = candidates[0]
        var bestScore = score(best)
        for (index, candidate) in candidates.enumerated().dropFirst() where !candidates[..<index].contains(candidate) {
            let score = score(candidate)
            if score > bestScore || (bestScore.isNaN && !score.isNaN) {
                best = candidate
                bestScore = score
            }
        }
        return best
    }
}
