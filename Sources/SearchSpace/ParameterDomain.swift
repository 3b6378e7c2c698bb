import TuningMath

/// The set of values of one parameter and their distribution.
public enum ParameterDomain: Sendable, Hashable {
    /// Hyperopt's uniform, quniform, loguniform, qloguniform, normal, qnormal, lognormal and qlognormal: a double.
    case real(RealDistribution)
    /// Hyperopt's uniformint: U(low, high) rounded half to even, so that whole ends have half the weight of other values.
    ///
    /// Drawn and stored as a double, seen by a trial as a whole number.
    case uniformInteger(low: Double, high: Double)
    /// Hyperopt's randint: whole numbers from `low` up to but not including `high`, in no order.
    case randomInteger(low: Int64, high: Int64)
    /// A double between plain bounds, both inclusive; `step` quantises from `min`; `isLog` draws uniformly in the logarithm.
    case float(min: Double, max: Double, isLog: Bool, step: Double?)
    /// A whole number between plain bounds, both inclusive; `step` counts from `min`.
    case integer(min: Int64, max: Int64, isLog: Bool, step: Int64?)
    /// One of several options, each a value or a structure that holds further parameters.
    ///
    /// With probabilities (one for each option, sum 1) it is hyperopt's pchoice; without, all options are equally likely.
    case choice([SpaceNode], probabilities: [Double]? = nil)
}

extension ParameterDomain {
    /// U[low, high), rounded to a multiple of `quantum` when there is one.
    public static func uniform(low: Double, high: Double, quantum: Double? = nil) -> ParameterDomain {
        .real(RealDistribution(.uniform(low: low, high: high), quantum: quantum))
    }

    /// exp(U[low, high)): the bounds are natural logarithms, as in hyperopt and Azure.
    public static func logUniform(low: Double, high: Double, quantum: Double? = nil) -> ParameterDomain {
        .real(RealDistribution(.uniform(low: low, high: high), isLog: true, quantum: quantum))
    }

    /// N(mu, sigma²), rounded to a multiple of `quantum` when there is one.
    public static func normal(mu: Double, sigma: Double, quantum: Double? = nil) -> ParameterDomain {
        .real(RealDistribution(.normal(mu: mu, sigma: sigma), quantum: quantum))
    }

    /// exp(N(mu, sigma²)): `mu` and `sigma` are those of the natural logarithm.
    public static func logNormal(mu: Double, sigma: Double, quantum: Double? = nil) -> ParameterDomain {
        .real(RealDistribution(.normal(mu: mu, sigma: sigma), isLog: true, quantum: quantum))
    }

    /// Whether single values have no probability.
    public var isContinuous: Bool {
        switch self {
        case .real(let distribution): distribution.quantum == nil
        case .float(_, _, _, nil): true
        case .float, .integer, .uniformInteger, .randomInteger, .choice: false
        }
    }

    /// The options of a choice; `nil` for every other domain.
    public var options: [SpaceNode]? {
        guard case .choice(let options, _) = self else { return nil }
        return options
    }

    /// The values of the domain in words, for messages.
    public var summary: String {
        switch self {
        case .real(let distribution): distribution.summary
        case .uniformInteger(let low, let high):
            "whole numbers from \(Self.text(low.rounded(toMultipleOf: 1))) to \(Self.text(high.rounded(toMultipleOf: 1)))"
        case .randomInteger(let low, let high): "whole numbers from \(low) to below \(high)"
        case .float(let min, let max, _, let step):
            "numbers from \(Self.text(min)) to \(Self.text(max))" + (step.map { " in steps of \(Self.text($0))" } ?? "")
        case .integer(let min, let max, _, let step):
            "whole numbers from \(min) to \(max)" + (step.map { " in steps of \($0)" } ?? "")
        case .choice(let options, _): "one of its \(options.count) options"
        }
    }

    static func text(_ number: Double) -> String { ParameterValue.double(number).json }
}
