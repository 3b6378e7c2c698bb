import ExperimentModel
import Samplers

/// A leader's picture of one experiment's trials, kept up to date by events and re-reads in any order.
///
/// The version of a trial decides which of two pictures is the newer, so that late and repeated events do no harm. All that is
/// asked for at every step is kept as trials change, and costs nothing more when there are many.
struct TrialLedger: Sendable {
    /// How trials ended that count against the limits on outcomes.
    struct Outcomes: Sendable, Hashable {
        var failed = 0
        var cancelled = 0
        /// The least loss of a done trial.
        var bestLoss: Double?
    }

    private let objective: Objective
    private(set) var trials: [Int: Trial] = [:]
    private(set) var counts: [TrialState: Int] = [:]
    /// Numbers of trials without an outcome.
    private(set) var openNumbers: Set<Int> = []
    /// When the new trials can be claimed that had to wait when they were last heard of.
    private(set) var delays: [Int: Timestamp] = [:]
    /// What a sampler may know, in the order of trial numbers.
    private(set) var history = TrialHistory()
    /// Changes whenever a trial comes into the history or leaves it, and not when it only ends.
    private(set) var historyMembership = 0
    /// When the first trial was claimed.
    private(set) var firstClaim: Timestamp?
    /// Outcomes since the experiment was last reopened; all of them if it never was.
    private(set) var outcomes = Outcomes()
    /// Given points that have a trial, with how many: those whose trials are all cancelled have none.
    private(set) var givenUses: [TrialOrigin: Int] = [:]
    /// Every number below this has a trial.
    private var contiguousEnd = 1
    private var reopenedAt: Timestamp?

    /// An empty ledger of an experiment with this objective.
    init(objective: Objective) {
        self.objective = objective
    }

    /// Takes in a picture of a trial. - Returns: whether it was news.
    @discardableResult
    mutating func apply(_ trial: Trial) -> Bool {
        let number = trial.id.number
        let known = trials[number]
        if let known {
            guard trial.version > known.version else { return false }
            counts[known.state, default: 0] -= 1
            count(known, by: -1)
        }
        trials[number] = trial
        counts[trial.state, default: 0] += 1
        count(trial, by: 1)
        delays[number] = trial.state == .new ? trial.notBefore : nil
        if trial.state.isTerminal { openNumbers.remove(number) } else { openNumbers.insert(number) }
        if history.replace(known, by: trial, objective: objective) { historyMembership += 1 }
        if let claim = trial.attempts.first?.claimedAt { firstClaim = min(firstClaim ?? claim, claim) }
        while trials[contiguousEnd] != nil { contiguousEnd += 1 }
        return true
    }

    /// Takes in a change of a trial.
    /// - Returns: whether the trial has to be read, since the picture of it is not the one that changed.
    mutating func apply(_ change: TrialChange) -> Bool {
        guard let known = trials[change.id.number] else { return true }
        // An answer to a call of ours told it before.
        guard change.version > known.version else { return false }
        guard let trial = known.after(change) else { return true }
        apply(trial)
        return false
    }

    private mutating func count(_ trial: Trial, by change: Int) {
        if trial.origin != .sampler, trial.state != .cancelled {
            let uses = givenUses[trial.origin, default: 0] + change
            givenUses[trial.origin] = uses > 0 ? uses : nil
        }
        guard isJudged(trial) else { return }
        switch trial.state {
        case .failed: outcomes.failed += change
        case .cancelled: outcomes.cancelled += change
        case .done:
            // Done is final, so the best only gets better.
            guard change > 0, let value = trial.value else { return }
            let loss = objective.loss(of: value)
            outcomes.bestLoss = min(outcomes.bestLoss ?? loss, loss)
        case .new, .running: break
        }
    }

    private func isJudged(_ trial: Trial) -> Bool {
        guard let reopenedAt else { return true }
        return trial.finishedAt.map { $0 > reopenedAt } ?? false
    }

    /// Leaves out of ``outcomes`` whatever ended before a person reopened the experiment.
    mutating func judge(from reopenedAt: Timestamp?) {
        guard self.reopenedAt != reopenedAt else { return }
        self.reopenedAt = reopenedAt
        outcomes = Outcomes()
        let givenUses = givenUses
        for trial in trials.values { count(trial, by: 1) }
        self.givenUses = givenUses
    }

    /// How many trials are in `state`.
    func count(_ state: TrialState) -> Int { counts[state, default: 0] }

    /// How many new trials no worker can claim yet.
    func delayedCount(at now: Timestamp) -> Int { delays.values.count { $0 > now } }

    /// Promised numbers below `end` that have no trial.
    func missingNumbers(below end: Int) -> [Int] {
        guard contiguousEnd < end else { return [] }
        return (contiguousEnd..<end).filter { trials[$0] == nil }
    }
}
