import Foundation
import TuningMath

/// One of hyperopt's eight real-valued distributions: uniform or normal, of the value or its logarithm, quantised or not.
public struct RealDistribution: Sendable, Hashable {
    /// What is drawn before the exponential and the quantisation.
    public enum Base: Sendable, Hashable {
        /// U[low, high).
        case uniform(low: Double, high: Double)
        /// N(mu, sigma²), without bounds.
        case normal(mu: Double, sigma: Double)
    }

    /// What is drawn.
    public var base: Base
    /// Whether the value is the exponential of what is drawn; the bounds, or `mu` and `sigma`, are then natural logarithms.
    public var isLog: Bool
    /// What the value is rounded to a multiple of, half to even and never clamped; `nil` for no rounding.
    public var quantum: Double?

    /// A distribution; ``SearchSpace/init(root:)`` checks it.
    public init(_ base: Base, isLog: Bool = false, quantum: Double? = nil) {
        self.base = base
        self.isLog = isLog
        self.quantum = quantum
    }

    /// Hyperopt's name of the distribution, such as `qloguniform`.
    public var typeName: String {
        let name =
            switch base {
            case .uniform: "uniform"
            case .normal: "normal"
            }
        return (quantum == nil ? "" : "q") + (isLog ? "log" : "") + name
    }

    /// The bounds of the value before it is quantised; `nil` for those without.
    var bounds: (low: Double, high: Double)? {
        guard case .uniform(let low, let high) = base else { return nil }
        return isLog ? (exp(low), exp(high)) : (low, high)
    }

    /// A value of the distribution; it takes one output of the generator. Stored experiments depend on how.
    public func sample(using generator: inout some RandomNumberGenerator) -> Double {
        let drawn =
            switch base {
            case .uniform(let low, let high):
                // Rounding may reach `high` itself, which is not part of the range.
                min(low + (high - low) * generator.unitDouble(), high.nextDown)
            case .normal(let mu, let sigma):
                NormalDistribution(mean: mu, deviation: sigma).quantile(generator.openUnitDouble())
            }
        var value = drawn
        if isLog {
            value = exp(drawn)
            // The exponential of a number below `high` may be rounded above that of `high`.
            if let bounds { value = min(max(value, bounds.low), bounds.high) }
        }
        return quantum.map { value.rounded(toMultipleOf: $0) } ?? value
    }

    /// The value that the distribution has for `number`, or `nil` when it cannot have it.
    func normalised(_ number: Double) -> Double? {
        guard number.isFinite else { return nil }
        guard let quantum else {
            switch base {
            case .normal: return !isLog || number > 0 ? number : nil
            case .uniform:
                guard let bounds else { return nil }
                let tolerance = isLog ? Self.endTolerance : 0
                let isInside = number >= bounds.low * (1 - tolerance) && number <= bounds.high * (1 + tolerance)
                return isInside ? number : nil
            }
        }
        let position = number / quantum
        let multiple = position.rounded(.toNearestOrEven)
        guard multiple.isFinite, abs(position - multiple) <= ParameterDomain.gridMembershipTolerance else { return nil }
        if let bounds {
            let first = (bounds.low / quantum).rounded(.toNearestOrEven)
            guard multiple >= first, multiple <= (bounds.high / quantum).rounded(.toNearestOrEven) else { return nil }
        } else if isLog, multiple < 0 {
            return nil
        }
        let value = multiple * quantum + 0
        return value.isFinite ? value : nil
    }

    /// Room for rounding at the ends of a log-uniform range, relative.
    private static let endTolerance = 1e-12
}

extension RealDistribution {
    /// What is wrong with the distribution, for the parameter `label`.
    func problems(label: String) -> [SearchSpaceError] {
        var problems: [SearchSpaceError] = []
        switch base {
        case .uniform(let low, let high):
            if let problem = ParameterDomain.boundProblem(label, low, high) {
                problems.append(problem)
            } else if !(low < high) {
                problems.append(ParameterDomain.emptyRange(label, .double(low), .double(high)))
            }
        case .normal(let mu, let sigma):
            if !mu.isFinite {
                problems.append(.invalidBound(label: label, reason: "mu (\(text(mu))) must be a finite number"))
            }
            if !sigma.isFinite || sigma <= 0 {
                let reason = "sigma (\(text(sigma))) must be a finite number above 0"
                problems.append(.invalidBound(label: label, reason: reason))
            }
        }
        if problems.isEmpty { problems += rangeProblems(label: label) }
        if let quantum, !quantum.isFinite || quantum <= 0 {
            problems.append(.invalidStep(label: label, reason: "q (\(text(quantum))) must be a finite number above 0"))
        } else if let quantum, problems.isEmpty, !(farthestValue / quantum).isFinite {
            problems.append(.invalidStep(label: label, reason: "q (\(text(quantum))) is too small for the range"))
        }
        return problems
    }

    /// Whether values can be too large or, as exponentials, too small for a double.
    private func rangeProblems(label: String) -> [SearchSpaceError] {
        let (low, high) = drawnRange
        if isLog, !exp(high).isFinite || exp(low) == 0 {
            let reason =
                switch base {
                case .uniform:
                    "the bounds of a \(typeName) are natural logarithms, and exp of \(text(low)) or \(text(high)) is no "
                        + "finite positive number; use type float with log: true for plain bounds"
                case .normal:
                    "mu and sigma of a \(typeName) are those of the natural logarithm, and exp(mu ± "
                        + "\(NormalDistribution.largestDraw) sigma) is not always a finite positive number"
                }
            return [.invalidBound(label: label, reason: reason)]
        }
        if !low.isFinite || !high.isFinite {
            return [.invalidBound(label: label, reason: "mu and sigma are too large for double precision")]
        }
        return []
    }

    /// What can be drawn, before the exponential.
    private var drawnRange: (low: Double, high: Double) {
        switch base {
        case .uniform(let low, let high): (low, high)
        case .normal(let mu, let sigma):
            (mu - NormalDistribution.largestDraw * sigma, mu + NormalDistribution.largestDraw * sigma)
        }
    }

    private var farthestValue: Double {
        let (low, high) = drawnRange
        return isLog ? exp(high) : max(abs(low), abs(high))
    }

    /// The values in words, for messages.
    var summary: String {
        let multiples = quantum.map { "multiples of \(text($0))" }
        switch base {
        case .uniform(let low, let high):
            let kind = multiples ?? "numbers"
            let around = quantum == nil ? "" : " (rounded to the nearest one)"
            guard isLog else { return "\(kind) from \(text(low)) to \(text(high))\(around)" }
            return
                "\(kind) from exp(\(text(low))) = \(text(exp(low))) to exp(\(text(high))) = \(text(exp(high)))\(around)"
        case .normal:
            return isLog ? multiples.map { "\($0) from 0" } ?? "numbers above 0" : multiples ?? "finite numbers"
        }
    }

    private func text(_ number: Double) -> String { ParameterValue.double(number).json }
}
