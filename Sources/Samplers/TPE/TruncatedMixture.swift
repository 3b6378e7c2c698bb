import Foundation
import TuningMath

/// The density that one side of the split gives to the values of a numeric parameter, and draws from it.
///
/// hyperopt 0.3.0, `GMM1`, `LGMM1` and their `_lpdf`: a mixture of normal distributions, cut to the bounds; for a
/// logarithmic parameter it is that of the logarithm; of a quantised one, a value stands for all that is rounded to it.
struct TruncatedMixture {
    /// Draws that may fall outside the bounds before the distribution function is inverted instead.
    static let maximumRejections = 1000
    /// Steps of bisection, enough for every bit of a double's fraction and more.
    private static let bisections = 80
    /// Below this, sums of plain terms may have lost digits, and are made again more carefully.
    private static let smallestPlainSum = 1e-200
    /// Below this, differences of distribution functions have lost too many digits.
    private static let smallestPlainMass = 1e-6
    /// Squared distance, in deviations, from which on a component adds nothing: exp(-50) is far below rounding.
    private static let farthestSquare = 100.0
    /// Argument from which on the error function is 1 in double precision.
    private static let saturation = 6.0

    let estimator: AdaptiveParzenEstimator
    private let prior: NumericPrior
    /// 1 / deviation.
    private let scales: ContiguousArray<Double>
    /// Weight / deviation.
    private let heights: ContiguousArray<Double>
    /// The probability that a draw lies within the bounds.
    private let acceptedMass: Double

    /// The density of `prior` after finite `observations`, the oldest first, in the parameter's own scale.
    init(observations: [Double], prior: NumericPrior) {
        self.prior = prior
        estimator = AdaptiveParzenEstimator(
            observations: observations.map(prior.drawingScale),
            priorMean: prior.mean,
            priorDeviation: prior.deviation
        )
        scales = ContiguousArray(estimator.deviations.map { 1 / max($0, TPESettings.epsilon) })
        heights = ContiguousArray(zip(estimator.weights, scales).map { $0 * $1 })
        acceptedMass = prior.isBounded ? Self.plainMass(estimator, scales, from: prior.low, to: prior.high) : 1
    }

    // MARK: Density

    /// The logarithm of the density, or of the probability where the parameter is quantised, at one value.
    ///
    /// It may be -infinity, and never is not a number for a value of the parameter. hyperopt does not divide the
    /// density of a logarithmic parameter by the accepted mass, and so do we not: that moves all candidates alike.
    func logDensity(at value: Double) -> Double {
        if let quantum = prior.quantum {
            let cell = prior.cell(of: value, width: quantum)
            var mass = Self.plainMass(estimator, scales, from: cell.low, to: cell.high)
            if mass < Self.smallestPlainMass { mass = carefulMass(from: cell.low, to: cell.high) }
            return log(max(mass, 0)) - log(acceptedMass)
        }
        if prior.isLog {
            let position = log(value)
            return logSum(at: position) - position
        }
        return logSum(at: value) - log(acceptedMass)
    }

    /// The logarithm of the untruncated density of the mixture.
    private func logSum(at position: Double) -> Double {
        let sum = heights.withUnsafeBufferPointer { heights in
            estimator.means.withUnsafeBufferPointer { means in
                scales.withUnsafeBufferPointer { scales in
                    var sum = 0.0
                    for index in 0..<heights.count {
                        let distance = (position - means[index]) * scales[index]
                        let square = distance * distance
                        if square < Self.farthestSquare { sum += heights[index] * exp(-0.5 * square) }
                    }
                    return sum
                }
            }
        }
        let logRootOfTwoPi = 0.5 * log(2 * Double.pi)
        if sum >= Self.smallestPlainSum { return log(sum) - logRootOfTwoPi }
        return carefulLogSum(at: position) - logRootOfTwoPi
    }

    /// The same where every term may be too small for a double: relative to the largest one.
    private func carefulLogSum(at position: Double) -> Double {
        func exponent(_ index: Int) -> Double {
            let distance = (position - estimator.means[index]) * scales[index]
            return log(heights[index]) - 0.5 * distance * distance
        }
        var largest = -Double.infinity
        for index in scales.indices { largest = max(largest, exponent(index)) }
        guard largest.isFinite else { return largest }
        var sum = 0.0
        for index in scales.indices { sum += exp(exponent(index) - largest) }
        return log(sum) + largest
    }

    /// The probability of an interval, as hyperopt computes it.
    private static func plainMass(
        _ estimator: AdaptiveParzenEstimator,
        _ scales: ContiguousArray<Double>,
        from low: Double,
        to high: Double
    ) -> Double {
        estimator.weights.withUnsafeBufferPointer { weights in
            estimator.means.withUnsafeBufferPointer { means in
                scales.withUnsafeBufferPointer { scales in
                    var mass = 0.0
                    for index in 0..<weights.count {
                        let scale = scales[index] * 0.5.squareRoot()
                        let start = (low - means[index]) * scale
                        let end = (high - means[index]) * scale
                        if start > saturation || end < -saturation { continue }
                        mass += weights[index] * 0.5 * (erf(end) - erf(start))
                    }
                    return mass
                }
            }
        }
    }

    /// The same far from all components, where the difference of two numbers near 1 has no digits left.
    private func carefulMass(from low: Double, to high: Double) -> Double {
        var mass = 0.0
        for index in scales.indices {
            let scale = scales[index] * 0.5.squareRoot()
            let start = (low - estimator.means[index]) * scale
            let end = (high - estimator.means[index]) * scale
            let twice =
                if start > 0 {
                    erfc(start) - erfc(end)
                } else if end < 0 {
                    erfc(-end) - erfc(-start)
                } else {
                    erf(end) - erf(start)
                }
            mass += estimator.weights[index] * 0.5 * twice
        }
        return mass
    }

    // MARK: Draws

    /// A value of the parameter.
    func draw(using generator: inout some RandomNumberGenerator) -> Double {
        prior.value(at: position(using: &generator))
    }

    /// A draw within the bounds, on the scale of the components.
    private func position(using generator: inout some RandomNumberGenerator) -> Double {
        for _ in 0..<Self.maximumRejections {
            let component = component(using: &generator)
            let normal = NormalDistribution(
                mean: estimator.means[component],
                deviation: estimator.deviations[component]
            )
            let position = normal.quantile(generator.openUnitDouble())
            if !prior.isBounded || (prior.low <= position && position < prior.high) { return position }
        }
        return positionByInversion(using: &generator)
    }

    private func component(using generator: inout some RandomNumberGenerator) -> Int {
        var remaining = generator.unitDouble()
        for index in estimator.weights.indices {
            remaining -= estimator.weights[index]
            if remaining < 0 { return index }
        }
        return estimator.weights.count - 1
    }

    /// The same distribution where nearly nothing of the mixture lies within the bounds.
    func positionByInversion(using generator: inout some RandomNumberGenerator) -> Double {
        let wanted = generator.unitDouble() * carefulMass(from: prior.low, to: prior.high)
        var low = prior.low
        var high = prior.high
        for _ in 0..<Self.bisections {
            let middle = low + (high - low) / 2
            if carefulMass(from: prior.low, to: middle) <= wanted { low = middle } else { high = middle }
        }
        return low
    }
}
