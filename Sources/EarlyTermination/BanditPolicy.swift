public import ExperimentModel

/// Stops what is further than a slack behind the best trial at the same interval: HyperDrive's bandit policy.
///
/// With B the best of all trials' bests within their first n reports, the trial's own included, and only of trials that have
/// reached interval n: a maximised objective stops the trial at n when its best is below B / (1 + factor), or below
/// B - amount; a minimised one when it is above B · (1 + factor), or above B + amount. Where a factor would move B the wrong
/// way, B below 0 when maximising and at most 0 when minimising, the threshold is B - factor · |B|, or B + factor · |B|.
/// Equality stops nobody. A trial without any finite report is behind every threshold; while no trial has a finite report,
/// nothing is stopped.
public struct BanditPolicy: EarlyTerminationPolicy {
    private let specification: PolicySpecification
    private let slack: PolicySpecification.Slack
    private var scores: [Int: RankedScores] = [:]

    /// The policy of a specification with a slack.
    public init(_ slack: PolicySpecification.Slack, specification: PolicySpecification) {
        self.slack = slack
        self.specification = specification
    }

    /// Takes in the next report of a curve.
    public mutating func judge(_ curve: LearningCurve) -> EarlyStop? {
        guard specification.applies(at: curve.interval) else { return nil }
        let own = curve.bestScore
        scores[curve.interval, default: RankedScores()].insert(own)
        guard let best = scores[curve.interval]?.best, best.isFinite else { return nil }
        let threshold = lowestScore(best: best, isMaximised: curve.sign > 0)
        guard own < threshold else { return nil }
        let reason =
            switch slack {
            case .factor(let factor): "bandit with slack \(NumberText.short(factor)) of "
            case .amount(let amount): "bandit with slack amount \(NumberText.short(amount)) of "
            }
        return EarlyStop(
            curve,
            policy: .bandit,
            measure: "best",
            score: own,
            threshold: threshold,
            reason: reason + NumberText.short(curve.sign * best)
        )
    }

    /// Forgets what an earlier attempt of a trial reported.
    public mutating func forget(_ curve: LearningCurve) {
        curve.replay { earlier in
            guard specification.applies(at: earlier.interval) else { return }
            scores[earlier.interval]?.remove(earlier.bestScore)
        }
    }

    /// The score below which a trial is stopped. A minimised value is a negative score: its B · (1 + factor) is that of -B.
    private func lowestScore(best: Double, isMaximised: Bool) -> Double {
        switch slack {
        case .amount(let amount): best - amount
        case .factor(let factor) where isMaximised && best > 0: best / (1 + factor)
        case .factor(let factor) where !isMaximised && best < 0: best * (1 + factor)
        case .factor(let factor): best - factor * abs(best)
        }
    }
}
