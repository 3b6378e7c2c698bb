public import ExperimentModel
import TuningMath

/// Stops a trial whose curve, extrapolated with hope, still ends behind the best trial.
///
/// The finite reports of a trial are fitted by least squares with level + height · shape(interval) for a number of shapes:
/// powers and exponentials that flatten out (``CurveExtrapolation``). Every shape that explains the reports about as well as
/// the best one counts. The trial is stopped when even the most hopeful of them, with the upper end of its prediction interval
/// at the given confidence, stays strictly behind the best value of any trial up to `largestInterval`.
///
/// So a slow starter is not stopped for being slow: as long as its curve rises, it may come to anything. What is stopped has
/// flattened out below the best.
///
/// Trials with fewer than ``leastReports`` finite reports are never stopped; nor is anybody while none is better. A fit
/// costs time in proportion to the reports, so a trial is judged at most ``evaluationsPerDoubling`` times while its curve
/// doubles its length.
public struct DecayCurvePolicy: EarlyTerminationPolicy {
    /// Finite reports that a fit needs.
    public static let leastReports = 5
    /// Judgements of a trial while its interval doubles.
    public static let evaluationsPerDoubling = 8

    private let specification: PolicySpecification
    private let largestInterval: Int
    private let quantile: Double
    /// The best score of each trial up to the largest interval.
    private var bests: [Int: Double] = [:]
    private var best = -Double.infinity

    /// The policy of a specification with settings; what lies out of the allowed ranges is moved into them.
    public init(_ settings: PolicySpecification.DecaySettings, specification: PolicySpecification) {
        self.specification = specification
        largestInterval = settings.largestInterval
        let allowed = PolicySpecification.DecaySettings.confidences
        quantile = NormalDistribution().quantile(
            min(max(settings.confidence, allowed.lowerBound), allowed.upperBound)
        )
    }

    /// Takes in the next report of a curve.
    public mutating func judge(_ curve: LearningCurve) -> EarlyStop? {
        guard curve.interval <= largestInterval else { return nil }
        let own = curve.bestScore
        bests[curve.trial] = own
        best = max(best, own)
        guard curve.interval < largestInterval, own < best, specification.applies(at: curve.interval),
            Self.isScheduled(curve.interval)
        else { return nil }
        let fit = CurveExtrapolation(curve, to: largestInterval)
        guard let hope = fit.upperEnd(quantile: quantile, leastReports: Self.leastReports) else { return nil }
        let score = max(own, hope)
        guard score < best else { return nil }
        return EarlyStop(
            curve,
            policy: .decayCurve,
            measure: "at best",
            score: score,
            threshold: best,
            reason: "the best so far, when extrapolated to interval \(largestInterval)"
        )
    }

    /// Forgets what an earlier attempt of a trial reported.
    public mutating func forget(_ curve: LearningCurve) {
        guard let score = bests.removeValue(forKey: curve.trial), score == best else { return }
        best = bests.values.max() ?? -.infinity
    }

    private static func isScheduled(_ interval: Int) -> Bool {
        let octave = 1 << (Int.bitWidth - 1 - interval.leadingZeroBitCount)
        return interval.isMultiple(of: max(1, octave / evaluationsPerDoubling))
    }
}
