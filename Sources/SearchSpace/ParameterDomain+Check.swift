import Foundation
import OrderedCollections

extension ParameterDomain {
    /// Grid points beyond which a double cannot count them exactly.
    static let maximumGridSize = 0x1p53
    /// Room for rounding when grid points are counted, in steps.
    static let gridTolerance = 1e-9
    /// Room for rounding when a given value is compared with the grid, in steps.
    static let gridMembershipTolerance = 1e-6
    /// Room for rounding at the ends of a log-uniform range, relative.
    static let endTolerance = 1e-12

    /// What is wrong with the domain, for the parameter `label`.
    func problems(label: String) -> [SearchSpaceError] {
        switch self {
        case .uniform(let low, let high), .logUniform(let low, let high):
            if let problem = Self.boundProblem(label, low, high) { return [problem] }
            if !(low < high) { return [Self.emptyRange(label, .double(low), .double(high))] }
            guard case .logUniform = self else { return [] }
            if !exp(high).isFinite || exp(low) == 0 {
                let reason =
                    "the bounds of a loguniform are natural logarithms, and exp of \(Self.text(low)) or "
                    + "\(Self.text(high)) is no finite positive number; use type float with log: true for plain bounds"
                return [.invalidBound(label: label, reason: reason)]
            }
            return []
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
        case .choice(let options): return options.isEmpty ? [.emptyChoice(label: label)] : []
        }
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

    private static func boundProblem(_ label: String, _ low: Double, _ high: Double) -> SearchSpaceError? {
        if !low.isFinite || !high.isFinite {
            return .invalidBound(label: label, reason: "the bounds must be finite numbers")
        }
        if !(high - low).isFinite {
            return .invalidBound(label: label, reason: "the range is too wide for double precision; narrow it")
        }
        return nil
    }

    private static func emptyRange(_ label: String, _ low: ParameterValue, _ high: ParameterValue) -> SearchSpaceError {
        .emptyRange(label: label, low: low.json, high: high.json)
    }

    private static func logBound(_ label: String, _ bound: String, least: String) -> SearchSpaceError {
        .invalidBound(label: label, reason: "the lower bound (\(bound)) must be \(least) for log: true")
    }

    private static func text(_ number: Double) -> String { ParameterValue.double(number).json }

    /// Whether single values have no probability.
    var isContinuous: Bool {
        switch self {
        case .uniform, .logUniform, .float(_, _, _, nil): true
        case .float, .integer, .choice: false
        }
    }

    /// Whether the resolved value can be `value`; false for a choice whose options hold parameters.
    func canBe(_ value: ParameterValue) -> Bool {
        switch self {
        case .choice(let options): options.contains { $0.constantValue?.isSame(as: value) ?? false }
        default: value.asLabelValue.flatMap { normalised($0) } != nil
        }
    }

    /// A stored value in the kind of number that the domain has, or `nil` when the domain does not hold it.
    ///
    /// A whole double is taken for an integer and the other way round: other programs do not keep them apart.
    func normalised(_ value: LabelValue) -> LabelValue? {
        switch self {
        case .choice(let options):
            guard let index = value.wholeNumber, options.indices.contains(Int(index)) else { return nil }
            return .integer(index)
        case .integer(let min, let max, _, let step):
            guard let number = value.wholeNumber, number >= min, number <= max else { return nil }
            let distance = UInt64(bitPattern: number) &- UInt64(bitPattern: min)
            return distance.isMultiple(of: UInt64(step ?? 1)) ? .integer(number) : nil
        case .uniform(let low, let high):
            let number = value.number
            return number >= low && number <= high ? .double(number) : nil
        case .logUniform(let low, let high):
            let number = value.number
            let isInside = number >= exp(low) * (1 - Self.endTolerance) && number <= exp(high) * (1 + Self.endTolerance)
            return isInside ? .double(number) : nil
        case .float(let min, let max, _, let step):
            let number = value.number
            guard number >= min, number <= max else { return nil }
            guard let step else { return .double(number) }
            let position = (number - min) / step
            return abs(position - position.rounded()) <= Self.gridMembershipTolerance ? .double(number) : nil
        }
    }

    /// The values of the domain in words, for messages.
    var summary: String {
        switch self {
        case .uniform(let low, let high): "numbers from \(Self.text(low)) to \(Self.text(high))"
        case .logUniform(let low, let high):
            "numbers from exp(\(Self.text(low))) = \(Self.text(exp(low))) to exp(\(Self.text(high))) = \(Self.text(exp(high)))"
        case .float(let min, let max, _, let step):
            "numbers from \(Self.text(min)) to \(Self.text(max))" + (step.map { " in steps of \(Self.text($0))" } ?? "")
        case .integer(let min, let max, _, let step):
            "whole numbers from \(min) to \(max)" + (step.map { " in steps of \($0)" } ?? "")
        case .choice(let options): "one of its \(options.count) options"
        }
    }
}

extension LabelValue {
    /// The value as a double.
    public var number: Double {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        }
    }

    /// The value as a whole number, when it is one.
    public var wholeNumber: Int64? {
        switch self {
        case .integer(let number): number
        case .double(let number): Int64(exactly: number)
        }
    }
}

extension ParameterValue {
    /// The number as a drawn value; `nil` for everything that is no number.
    var asLabelValue: LabelValue? {
        switch self {
        case .integer(let number): .integer(number)
        case .double(let number): .double(number)
        default: nil
        }
    }

    /// Equality in which 2 and 2.0 are the same, and the order of a mapping's keys does not count.
    public func isSame(as other: ParameterValue) -> Bool {
        switch (self, other) {
        case (.integer(let whole), .double(let number)), (.double(let number), .integer(let whole)):
            return Int64(exactly: number) == whole
        case (.list(let left), .list(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.mapping(let left), .mapping(let right)):
            return left.count == right.count && left.allSatisfy { key, value in right[key]?.isSame(as: value) ?? false }
        default: return self == other
        }
    }
}

extension SpaceNode {
    /// The value of a node that holds no parameter; `nil` when it holds one.
    public var constantValue: ParameterValue? {
        switch self {
        case .constant(let value): return value
        case .parameter: return nil
        case .list(let items):
            let values = items.compactMap(\.constantValue)
            return values.count == items.count ? .list(values) : nil
        case .mapping(let entries):
            var values: Assignment = [:]
            for (key, node) in entries {
                guard let value = node.constantValue else { return nil }
                values[key] = value
            }
            return .mapping(values)
        }
    }
}
