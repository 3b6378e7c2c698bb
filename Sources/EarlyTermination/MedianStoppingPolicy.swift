public import ExperimentModel

/// Stops what is worse than the median of the running averages of all trials: HyperDrive's rule and its generalisation.
///
/// At interval n every trial that has reached it counts with the mean of its finite reports up to n, the trial itself
/// included. The trial is stopped when its best value up to n is strictly worse than the threshold, the given percentile of
/// these means counted from the worst: with m means in order from the worst, rank 0, to the best, rank m - 1, the percentile p
/// lies at rank p / 100 · (m - 1), linear between ranks (Hyndman and Fan 1996, definition 7). 50 is the median, the mean of
/// the two in the middle when m is even; less stops fewer. A trial without any finite report counts as infinitely bad.
///
/// Where fewer trials than `leastTrials` have reached the interval, nobody is stopped. With a patience of k, a trial is stopped
/// at the k-th evaluation in a row that finds it worse; one that does not, or that has too few trials, ends the row.
public struct MedianStoppingPolicy: EarlyTerminationPolicy {
    private let specification: PolicySpecification
    private let settings: PolicySpecification.MedianSettings
    private var means: [Int: RankedScores] = [:]
    /// Evaluations in a row that found a trial worse, where they are not 0.
    private var rows: [Int: Int] = [:]

    /// The policy of a specification with settings.
    public init(_ settings: PolicySpecification.MedianSettings, specification: PolicySpecification) {
        self.settings = settings
        self.specification = specification
    }

    /// Takes in the next report of a curve.
    public mutating func judge(_ curve: LearningCurve) -> EarlyStop? {
        guard specification.applies(at: curve.interval) else { return nil }
        means[curve.interval, default: RankedScores()].insert(curve.meanScore)
        guard let means = means[curve.interval], means.count >= settings.leastTrials else {
            rows[curve.trial] = nil
            return nil
        }
        let threshold = means.quantile(min(max(settings.percentile, 0), 100) / 100)
        let own = curve.bestScore
        guard own < threshold else {
            rows[curve.trial] = nil
            return nil
        }
        let row = (rows[curve.trial] ?? 0) + 1
        rows[curve.trial] = row
        guard row >= settings.patience else { return nil }
        return EarlyStop(
            curve,
            policy: .medianStopping,
            measure: "best",
            score: own,
            threshold: threshold,
            reason: reason(trials: means.count)
        )
    }

    /// Forgets what an earlier attempt of a trial reported.
    public mutating func forget(_ curve: LearningCurve) {
        rows[curve.trial] = nil
        curve.replay { earlier in
            guard specification.applies(at: earlier.interval) else { return }
            means[earlier.interval]?.remove(earlier.meanScore)
        }
    }

    private func reason(trials: Int) -> String {
        let name = settings.percentile == 50 ? "the median" : "percentile \(NumberText.short(settings.percentile))"
        let row = settings.patience > 1 ? ", for evaluation \(settings.patience) in a row" : ""
        return "\(name) of the averages of \(trials) trial\(trials == 1 ? "" : "s")\(row)"
    }
}
