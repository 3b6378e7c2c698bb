public import ExperimentModel
import TuningMath

/// Stops a trial whose curve, extrapolated with hope, still ends behind the best trial.
///
/// The finite reports of a trial are fitted by least squares with level + height · shape(interval), for a number of shapes that
/// flatten out, and a straight line. Each shape that explains the reports about as well as the best one has a say
/// (``CurveExtrapolation``): its prediction for `largestInterval`, the upper end of the prediction's one-sided confidence
/// interval, and what luck may add, the greatest of as many draws of the noise as there are intervals left. The trial is
/// stopped when the most hopeful of these stays strictly behind the best value that any trial has reached up to
/// `largestInterval`, ``evaluationsInRow`` times in a row.
///
/// So a slow starter is not stopped for being slow: as long as its curve rises, it may come to anything. What is stopped has
/// flattened out below the best. A curve that stands still and then jumps cannot be told from one that stands still.
///
/// Trials with fewer than ``leastReports`` finite reports are never stopped; nor is the best. A fit takes time, so a trial is
/// judged at most ``evaluationsPerDoubling`` times while its curve doubles its length, at intervals that are among those of the
/// specification, and of a long curve only some hundred reports are fitted. Reports that
/// are not finite are left out, and so is a beginning that is far off the rest.
///
/// The idea is that of Domhan, Springenberg and Hutter (2015), "Speeding up Automatic Hyperparameter Optimization of Deep Neural
/// Networks by Extrapolation of Learning Curves", IJCAI; linear fits instead of their sampling, so that a leader can judge
/// thousands of trials, and the most hopeful shape instead of the mean over shapes.
public struct DecayCurvePolicy: EarlyTerminationPolicy {
    /// Finite reports that a fit needs.
    public static let leastReports = 5
    /// Judgements of a trial while its interval doubles.
    public static let evaluationsPerDoubling = 8
    /// So many judgements in a row must find a trial without hope: one is soon wrong by chance.
    public static let evaluationsInRow = 2

    private let specification: PolicySpecification
    private let largestInterval: Int
    private let quantile: Double
    /// The best score of each trial up to the largest interval.
    private var bests: [Int: Double] = [:]
    private var best = -Double.infinity
    /// Judgements in a row that found a trial without hope, where they are not 0.
    private var rows: [Int: Int] = [:]

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
        guard let hope = fit.hope(quantile: quantile, leastReports: Self.leastReports) else { return nil }
        let score = max(own, hope)
        guard score < best else {
            rows[curve.trial] = nil
            return nil
        }
        let row = (rows[curve.trial] ?? 0) + 1
        rows[curve.trial] = row
        guard row >= Self.evaluationsInRow else { return nil }
        return EarlyStop(
            curve,
            policy: .decayCurve,
            measure: "extrapolated to interval \(largestInterval) at best",
            score: score,
            threshold: best,
            reason: "the best so far"
        )
    }

    /// Forgets what an earlier attempt of a trial reported.
    public mutating func forget(_ curve: LearningCurve) {
        rows[curve.trial] = nil
        guard let score = bests.removeValue(forKey: curve.trial), score == best else { return }
        best = bests.values.max() ?? -.infinity
    }

    private static func isScheduled(_ interval: Int) -> Bool {
        let octave = 1 << (Int.bitWidth - 1 - interval.leadingZeroBitCount)
        return interval.isMultiple(of: max(1, octave / evaluationsPerDoubling))
    }
}
