import Foundation
import SearchSpace
import TuningMath

/// What the model knows of a numeric parameter before any observation.
///
/// Components are normal distributions on a scale of their own, the *drawing scale*: the logarithm of the value for a
/// logarithmic parameter, otherwise the value itself. hyperopt 0.3.0, the `ap_…_sampler` functions of `tpe.py`.
struct NumericPrior: Sendable, Hashable {
    /// How a draw becomes a value.
    enum Values: Sendable, Hashable {
        /// Any number, clamped to the bounds.
        case continuous(low: Double, high: Double)
        /// hyperopt's: rounded half to even to a multiple, never clamped.
        case multiples(of: Double)
        /// The nearest of the points from `first` to `first + last * step`, none of which exceeds `high`.
        case steps(first: Double, step: Double, last: Double, high: Double)
        /// The same in whole numbers.
        case wholeSteps(first: Int64, step: UInt64, last: UInt64)
    }

    /// Room for rounding when the points of a grid are counted, in steps, as the search space has it.
    private static let gridTolerance = 1e-9
    /// Points of a grid of ours up to which the model weighs them one by one. Beyond it a point's share is lost in rounding.
    static let maximumWeighedPoints = 0x1p40

    /// Mean of the prior component, on the drawing scale.
    var mean: Double
    /// Standard deviation of the prior component, above 0, on the drawing scale.
    var deviation: Double
    /// Lower bound on the drawing scale, part of the range.
    var low = -Double.infinity
    /// Upper bound on the drawing scale, not part of the range.
    var high = Double.infinity
    /// Whether the drawing scale is the logarithm of the value.
    var isLog: Bool
    /// Width of the range of numbers that a quantised value stands for; `nil` for a continuous density.
    var quantum: Double?
    /// Values below this count as this when their logarithm is taken.
    var smallestObservation = Double.leastNonzeroMagnitude
    /// The same for the ends of the range that a value stands for.
    var smallestCellEnd = TPESettings.epsilon
    /// How a draw becomes a value.
    var values: Values

    /// Whether draws have bounds.
    var isBounded: Bool { low > -.infinity || high < .infinity }

    /// An observed value on the drawing scale.
    func drawingScale(_ value: Double) -> Double { isLog ? log(max(value, smallestObservation)) : value }

    /// The range that a quantised value stands for, cut to the bounds, on the drawing scale.
    func cell(of value: Double, width: Double) -> (low: Double, high: Double) {
        guard isLog else { return (max(value - width / 2, low), min(value + width / 2, high)) }
        let start = max(0, value - width / 2, exp(low))
        let end = min(value + width / 2, exp(high))
        return (log(max(start, smallestCellEnd)), log(max(end, smallestCellEnd)))
    }

    /// The value that a draw stands for.
    func value(at position: Double) -> Double {
        let drawn = isLog ? exp(position) : position
        switch values {
        case .continuous(let low, let high): return min(max(drawn, low), high)
        case .multiples(let quantum):
            let value = drawn.rounded(toMultipleOf: quantum)
            if value.isFinite { return value }
            // Beyond double precision. The space's check has seen to it that the middle is not.
            return (isLog ? exp(mean) : mean).rounded(toMultipleOf: quantum)
        case .steps(let first, let step, let last, let high):
            return min(first + min(max(((drawn - first) / step).rounded(), 0), last) * step, high)
        case .wholeSteps(let first, let step, let last):
            return Double(first) + Double(index(of: drawn, first, step, last)) * Double(step)
        }
    }

    /// A value of ``value(at:)`` as the parameter stores it.
    func labelValue(_ value: Double) -> LabelValue {
        guard case .wholeSteps(let first, let step, let last) = values else { return .double(value) }
        let index = index(of: value, first, step, last)
        return .integer(Int64(bitPattern: UInt64(bitPattern: first) &+ index &* step))
    }

    private func index(of number: Double, _ first: Int64, _ step: UInt64, _ last: UInt64) -> UInt64 {
        let index = ((number - Double(first)) / Double(step)).rounded()
        if !(index > 0) { return 0 }
        return index >= Double(last) ? last : UInt64(index)
    }
}

extension NumericPrior {
    /// The prior of one of hyperopt's real-valued distributions.
    init(_ distribution: RealDistribution) {
        isLog = distribution.isLog
        quantum = distribution.quantum
        let range: (low: Double, high: Double)
        switch distribution.base {
        case .uniform(let low, let high):
            self.low = low
            self.high = high
            mean = 0.5 * (high + low)
            deviation = high - low
            range = distribution.isLog ? (exp(low), exp(high)) : (low, high)
            if quantum != nil { smallestObservation = max(TPESettings.epsilon, exp(low)) }
        case .normal(let mu, let sigma):
            mean = mu
            deviation = sigma
            let largest = Double.greatestFiniteMagnitude
            range = (distribution.isLog ? .leastNonzeroMagnitude : -largest, largest)
            if quantum != nil { smallestObservation = TPESettings.epsilon }
        }
        values = quantum.map { .multiples(of: $0) } ?? .continuous(low: range.low, high: range.high)
    }

    /// The prior of a `float` or `int` of ours: hyperopt's uniform ones, on bounds that are part of the range. On a grid,
    /// half a step of room beyond both ends gives these the same share as the points between them.
    private init(low: Double, high: Double, isLog: Bool, quantum: Double?, values: Values) {
        self.isLog = isLog
        self.quantum = quantum
        self.values = values
        self.low = isLog ? log(low) : low
        self.high = isLog ? log(high) : high
        mean = 0.5 * (self.low + self.high)
        deviation = self.high - self.low
        smallestCellEnd = .leastNonzeroMagnitude
    }

    private static func onGrid(first: Double, step: Double, last: Double, isLog: Bool, values: Values) -> NumericPrior {
        NumericPrior(
            // A logarithm needs room above zero.
            low: isLog ? max(first - step / 2, first / 2) : first - step / 2,
            high: first + (last + 0.5) * step,
            isLog: isLog,
            quantum: last < maximumWeighedPoints ? step : nil,
            values: values
        )
    }

    /// The prior of a numeric parameter; `nil` for one that is not numeric, or has no range to speak of.
    init?(_ domain: ParameterDomain) {
        switch domain {
        case .choice, .randomInteger: return nil
        case .real(let distribution): self.init(distribution)
        case .uniformInteger(let low, let high): self.init(RealDistribution(.uniform(low: low, high: high), quantum: 1))
        case .float(let low, let high, let isLog, nil):
            self.init(low: low, high: high, isLog: isLog, quantum: nil, values: .continuous(low: low, high: high))
        case .float(let low, let high, let isLog, let step?):
            let last = ((high - low) / step + Self.gridTolerance).rounded(.down)
            let values = Values.steps(first: low, step: step, last: last, high: high)
            self = Self.onGrid(first: low, step: step, last: last, isLog: isLog, values: values)
        case .integer(let low, let high, let isLog, let step):
            let step = UInt64(step ?? 1)
            let last = (UInt64(bitPattern: high) &- UInt64(bitPattern: low)) / step
            self = Self.onGrid(
                first: Double(low),
                step: Double(step),
                last: Double(last),
                isLog: isLog,
                values: .wholeSteps(first: low, step: step, last: last)
            )
        }
        guard mean.isFinite, deviation.isFinite, deviation > 0 else { return nil }
    }
}
