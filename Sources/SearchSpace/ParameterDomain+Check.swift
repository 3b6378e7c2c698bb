import Foundation
import OrderedCollections

extension ParameterDomain {
    /// Grid points beyond which a double cannot count them exactly.
    static let maximumGridSize = 0x1p53
    /// Room for rounding when grid points are counted, in steps.
    static let gridTolerance = 1e-9
    /// Room for rounding when a given value is compared with the grid, in steps.
    static let gridMembershipTolerance = 1e-6
    /// How far the sum of an option's probabilities may be from 1: they are written with few digits.
    static let probabilitySumTolerance = 1e-6

    /// What is wrong with the domain, for the parameter `label`.
    func problems(label: String) -> [SearchSpaceError] {
        switch self {
        case .real(let distribution): return distribution.problems(label: label)
        case .uniformInteger(let low, let high): return Self.uniformIntegerProblems(label, low, high)
        case .randomInteger(let low, let high):
            return low < high ? [] : [Self.emptyRange(label, .integer(low), .integer(high))]
        case .float(let min, let max, let isLog, let step):
            return Self.floatProblems(label, min, max, isLog, step)
        case .integer(let min, let max, let isLog, let step):
            var problems: [SearchSpaceError] = []
            if min > max { problems.append(Self.emptyRange(label, .integer(min), .integer(max))) }
            if isLog, min < 1 { problems.append(Self.logBound(label, "\(min)", least: "at least 1")) }
            if let step, step < 1 {
                problems.append(.invalidStep(label: label, reason: "the step (\(step)) must be at least 1"))
            }
            return problems
        case .choice(let options, let probabilities):
            if options.isEmpty { return [.emptyChoice(label: label)] }
            return probabilities.flatMap { Self.probabilityProblem(label, $0, optionCount: options.count) }.map { [$0] }
                ?? []
        }
    }

    private static func uniformIntegerProblems(_ label: String, _ low: Double, _ high: Double) -> [SearchSpaceError] {
        if let problem = boundProblem(label, low, high) { return [problem] }
        if !(low < high) { return [emptyRange(label, .double(low), .double(high))] }
        if max(abs(low), abs(high)) > maximumGridSize {
            let reason = "the bounds must lie between -2⁵³ and 2⁵³, where a double holds every whole number"
            return [.invalidBound(label: label, reason: reason)]
        }
        return []
    }

    private static func probabilityProblem(
        _ label: String,
        _ probabilities: [Double],
        optionCount: Int
    ) -> SearchSpaceError? {
        if probabilities.count != optionCount {
            let reason = "has \(probabilities.count) probabilities for \(optionCount) options; give one for each option"
            return .invalidProbabilities(label: label, reason: reason)
        }
        if let wrong = probabilities.first(where: { !$0.isFinite || $0 < 0 }) {
            return .invalidProbabilities(label: label, reason: "has the probability \(text(wrong)), which is none")
        }
        let sum = probabilities.reduce(0, +)
        if abs(sum - 1) > probabilitySumTolerance {
            return .invalidProbabilities(label: label, reason: "has probabilities that sum to \(text(sum)), not 1")
        }
        return nil
    }

    private static func floatProblems(
        _ label: String,
        _ min: Double,
        _ max: Double,
        _ isLog: Bool,
        _ step: Double?
    ) -> [SearchSpaceError] {
        if let problem = boundProblem(label, min, max) { return [problem] }
        var problems: [SearchSpaceError] = []
        if min > max { problems.append(emptyRange(label, .double(min), .double(max))) }
        if isLog, min <= 0 { problems.append(logBound(label, text(min), least: "above 0")) }
        if let step {
            if !step.isFinite || step <= 0 {
                problems.append(.invalidStep(label: label, reason: "the step (\(text(step))) must be a number above 0"))
            } else if (max - min) / step > maximumGridSize {
                let reason =
                    "the step (\(text(step))) is too small for the range; leave it out for a continuous parameter"
                problems.append(.invalidStep(label: label, reason: reason))
            }
        }
        return problems
    }

    static func boundProblem(_ label: String, _ low: Double, _ high: Double) -> SearchSpaceError? {
        if !low.isFinite || !high.isFinite {
            return .invalidBound(label: label, reason: "the bounds must be finite numbers")
        }
        if !(high - low).isFinite {
            return .invalidBound(label: label, reason: "the range is too wide for double precision; narrow it")
        }
        return nil
    }

    static func emptyRange(_ label: String, _ low: ParameterValue, _ high: ParameterValue) -> SearchSpaceError {
        .emptyRange(label: label, low: low.json, high: high.json)
    }

    private static func logBound(_ label: String, _ bound: String, least: String) -> SearchSpaceError {
        .invalidBound(label: label, reason: "the lower bound (\(bound)) must be \(least) for log: true")
    }
}
