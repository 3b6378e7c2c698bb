public import ExperimentModel

/// Stops the given percentage of trials, the worst at the same interval: HyperDrive's truncation selection.
///
/// Of the m trials that have reached interval n, the trial itself included, the floor(percentage · m / 100) with the worst
/// bests within their first n reports are the worst; the trial is stopped at n when it is one of them. A tie with one that is
/// kept keeps it. A trial without any finite report counts as infinitely bad.
///
/// Where finished jobs are excluded, trials count until the judge hears of their end (``StoppingJudge/ended(trial:attempt:)``),
/// and not after it.
public struct TruncationSelectionPolicy: EarlyTerminationPolicy {
    private let specification: PolicySpecification
    private let percentage: Int
    private let excludesFinished: Bool
    private var scores: [Int: RankedScores] = [:]
    /// Trials that have ended, where that matters.
    private var endedTrials: Set<Int> = []

    /// The policy of a specification.
    /// - Parameters:
    ///   - percentage: 1 to 99.
    ///   - excludesFinished: trials that have ended do not count.
    public init(percentage: Int, excludesFinished: Bool, specification: PolicySpecification) {
        self.percentage = percentage
        self.excludesFinished = excludesFinished
        self.specification = specification
    }

    /// Takes in the next report of a curve.
    public mutating func judge(_ curve: LearningCurve) -> EarlyStop? {
        guard specification.applies(at: curve.interval), !endedTrials.contains(curve.trial) else { return nil }
        let own = curve.bestScore
        scores[curve.interval, default: RankedScores()].insert(own)
        guard let scores = scores[curve.interval] else { return nil }
        let worst = min(percentage * scores.count / 100, scores.count - 1)
        guard worst > 0 else { return nil }
        let threshold = scores.score(atRank: worst)
        guard own < threshold else { return nil }
        return EarlyStop(
            curve,
            policy: .truncationSelection,
            measure: "best",
            score: own,
            threshold: threshold,
            reason: "among the worst \(percentage) % of \(scores.count) trials"
        )
    }

    /// Forgets what an earlier attempt of a trial reported.
    public mutating func forget(_ curve: LearningCurve) {
        guard endedTrials.remove(curve.trial) == nil else { return }
        remove(curve)
    }

    /// Leaves out what has ended, where finished jobs are excluded.
    public mutating func ended(_ curve: LearningCurve) {
        guard excludesFinished, endedTrials.insert(curve.trial).inserted else { return }
        remove(curve)
    }

    private mutating func remove(_ curve: LearningCurve) {
        curve.replay { earlier in
            guard specification.applies(at: earlier.interval) else { return }
            scores[earlier.interval]?.remove(earlier.bestScore)
        }
    }
}
