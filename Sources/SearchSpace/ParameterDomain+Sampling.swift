import Foundation
import OrderedCollections
public import TuningMath

/// How a value is drawn. One draw takes one output of the generator (a choice or an integer seldom more): stored
/// experiments depend on it.
extension ParameterDomain {
    /// A value drawn from the domain's distribution.
    ///
    /// - Precondition: the domain belongs to a checked space.
    public func sample(using generator: inout some RandomNumberGenerator) -> LabelValue {
        switch self {
        case .real(let distribution): return .double(distribution.sample(using: &generator))
        case .uniformInteger(let low, let high):
            let distribution = RealDistribution(.uniform(low: low, high: high), quantum: 1)
            return .double(distribution.sample(using: &generator))
        case .randomInteger(let low, let high):
            let count = UInt64(bitPattern: high) &- UInt64(bitPattern: low)
            let index = generator.wholeNumber(below: count)
            return .integer(Int64(bitPattern: UInt64(bitPattern: low) &+ index))
        case .float(let low, let high, let isLog, let step):
            return .double(Self.float(low, high, isLog, step, using: &generator))
        case .integer(let low, let high, let isLog, let step):
            return .integer(Self.integer(low, high, isLog, UInt64(step ?? 1), using: &generator))
        case .choice(_, let probabilities?):
            return .integer(Int64(Self.index(drawnWith: probabilities, using: &generator)))
        case .choice(let options, nil):
            return .integer(Int64(generator.wholeNumber(below: UInt64(options.count))))
        }
    }

    /// The option at which the sum of the probabilities passes a draw from [0, 1); never one of probability 0.
    private static func index(
        drawnWith probabilities: [Double],
        using generator: inout some RandomNumberGenerator
    ) -> Int {
        // The sum is 1 only within a tolerance.
        let drawn = generator.unitDouble() * probabilities.reduce(0, +)
        var sum = 0.0
        for (index, probability) in probabilities.enumerated() {
            sum += probability
            if drawn < sum { return index }
        }
        return probabilities.lastIndex { $0 > 0 } ?? 0
    }

    private static func float(
        _ low: Double,
        _ high: Double,
        _ isLog: Bool,
        _ step: Double?,
        using generator: inout some RandomNumberGenerator
    ) -> Double {
        guard let step else {
            let position = generator.closedUnitDouble()
            let number = isLog ? exp(log(low) + (log(high) - log(low)) * position) : low + (high - low) * position
            return min(max(number, low), high)
        }
        let last = ((high - low) / step + gridTolerance).rounded(.down)
        let index: Double
        if isLog {
            // Half a step on both sides gives the grid's ends their full share; never at or below zero.
            let start = log(max(low - step / 2, low / 2))
            let end = log(low + (last + 0.5) * step)
            let number = exp(start + (end - start) * generator.closedUnitDouble())
            index = min(max(((number - low) / step).rounded(), 0), last)
        } else {
            index = Double(generator.wholeNumber(below: UInt64(last) + 1))
        }
        return min(low + index * step, high)
    }

    private static func integer(
        _ low: Int64,
        _ high: Int64,
        _ isLog: Bool,
        _ step: UInt64,
        using generator: inout some RandomNumberGenerator
    ) -> Int64 {
        let span = UInt64(bitPattern: high) &- UInt64(bitPattern: low)
        let last = span / step
        let index: UInt64
        if isLog {
            let start = log(Double(low) - 0.5)
            let end = log(Double(high) + 0.5)
            let number = exp(start + (end - start) * generator.closedUnitDouble())
            let position = ((number - Double(low)) / Double(step)).rounded()
            if position <= 0 { index = 0 } else { index = position >= Double(last) ? last : UInt64(position) }
        } else if last == .max {
            index = generator.next()
        } else {
            index = generator.wholeNumber(below: last + 1)
        }
        return Int64(bitPattern: UInt64(bitPattern: low) &+ index &* step)
    }
}

extension SearchSpace {
    /// A suggestion drawn at random, every parameter from the one generator in the order of the space.
    ///
    /// Inactive parameters take their draws too, so that a choice shifts nothing that comes after it.
    public func sample(using generator: inout some RandomNumberGenerator) -> Suggestion {
        var drawn: [String: LabelValue] = [:]
        for (label, parameter) in parameters { drawn[label] = parameter.domain.sample(using: &generator) }
        return suggestion { parameter in drawn[parameter.label] ?? parameter.domain.sample(using: &generator) }
    }

    /// The suggestion for one trial, every parameter from its own generator of purpose `PREFIX.label`.
    ///
    /// So adding, removing or renaming one parameter changes the values of no other.
    public func sample(trial: Int, seeds: SeedSequence, purposePrefix: String = "random") -> Suggestion {
        suggestion { parameter in
            var generator = seeds.generator(trial: trial, purpose: "\(purposePrefix).\(parameter.label)")
            return parameter.domain.sample(using: &generator)
        }
    }
}
