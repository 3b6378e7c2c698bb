import Foundation

/// The normal distribution of a mean and a standard deviation.
public struct NormalDistribution: Sendable, Hashable {
    /// Bound of the standard normal values that ``quantile(_:)`` gives for `openUnitDouble()`: those of 2⁻⁵³ and 1 - 2⁻⁵³.
    public static let largestDraw = 8.3

    /// The mean.
    public var mean: Double
    /// The standard deviation, above 0.
    public var deviation: Double

    /// A distribution; the standard normal one without arguments.
    public init(mean: Double = 0, deviation: Double = 1) {
        self.mean = mean
        self.deviation = deviation
    }

    /// The probability density at `x`.
    public func density(_ x: Double) -> Double { exp(logDensity(x)) }

    /// The natural logarithm of the probability density at `x`.
    public func logDensity(_ x: Double) -> Double {
        let standard = (x - mean) / deviation
        return -0.5 * standard * standard - log(deviation) - 0.5 * log(2 * Double.pi)
    }

    /// The probability of values up to `x`.
    public func cumulative(_ x: Double) -> Double {
        0.5 * erfc((mean - x) / (deviation * 2.0.squareRoot()))
    }

    /// The natural logarithm of ``cumulative(_:)``, also where that is too small for a double.
    public func logCumulative(_ x: Double) -> Double {
        let standard = (x - mean) / deviation
        // Near 1 the logarithm is that of what is missing.
        if standard > 0 { return log1p(-0.5 * erfc(standard / 2.0.squareRoot())) }
        guard standard < Self.asymptoteStart else { return log(0.5 * erfc(-standard / 2.0.squareRoot())) }
        // Abramowitz and Stegun (1964), 26.2.12; at -30 the first term left out is below 1e-13 of the sum.
        let inverse = 1 / (standard * standard)
        let series = 1 - inverse * (1 - inverse * (3 - inverse * (15 - inverse * (105 - inverse * 945))))
        return -0.5 * standard * standard - log(-standard) - 0.5 * log(2 * Double.pi) + log(series)
    }

    /// The probability of values from `low` to `high`, without cancellation in the upper tail.
    public func probability(from low: Double, to high: Double) -> Double {
        // On the upper side both cumulative probabilities are nearly 1: take the mirrored ones there.
        low > mean
            ? cumulative(2 * mean - low) - cumulative(2 * mean - high) : cumulative(high) - cumulative(low)
    }

    /// The value up to which values have the probability `p`, which lies between 0 and 1, both excluded.
    ///
    /// Wichura (1988), "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37(3),
    /// PPND16: relative accuracy about 1e-16. Stored experiments depend on it: never change it.
    public func quantile(_ p: Double) -> Double { mean + deviation * Self.standardQuantile(p) }

    /// Where the complementary error function comes near the smallest doubles.
    private static let asymptoteStart = -30.0
}

extension NormalDistribution {
    private static func standardQuantile(_ p: Double) -> Double {
        let centred = p - 0.5
        if abs(centred) <= 0.425 { return centred * ratio(centre, 0.180625 - centred * centred) }
        let tail = (-log(min(p, 1 - p))).squareRoot()
        let distance = tail <= 5 ? ratio(middle, tail - 1.6) : ratio(far, tail - 5)
        return centred < 0 ? -distance : distance
    }

    /// Coefficients of a numerator and a denominator, from the highest power down.
    private typealias Coefficients = (numerator: [Double], denominator: [Double])

    private static func ratio(_ coefficients: Coefficients, _ x: Double) -> Double {
        let numerator = coefficients.numerator.reduce(0) { $0 * x + $1 }
        return numerator / coefficients.denominator.reduce(0) { $0 * x + $1 }
    }

    private static let centre: Coefficients = (
        [
            2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
            1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0,
        ],
        [
            5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
            5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1,
        ]
    )

    private static let middle: Coefficients = (
        [
            7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
            3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0,
        ],
        [
            1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
            6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1,
        ]
    )

    private static let far: Coefficients = (
        [
            2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
            2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0,
        ],
        [
            2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
            1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1,
        ]
    )
}
