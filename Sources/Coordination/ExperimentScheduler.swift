import ExperimentModel

/// Decides what a leader does next; a pure function of what is known, so that any successor decides the same.
struct ExperimentScheduler: Sendable {
    /// Trials prepared ahead for each live slot when the sampler does not learn from results.
    static let aheadPerSlot = 4
    /// Trials prepared ahead at least, so that few slots do not cost a batch of their own for every two short trials.
    static let leastAhead = 16
    /// Most trials that one step creates, so that a step stays short.
    static let largestBatch = 256
    /// Failures at the start, all of them, that end an experiment (or as many as there are slots, if that is more).
    static let failFastTrials = 3

    /// What the leader knows besides the trials.
    struct Situation: Sendable {
        var experiment: Experiment
        var now: Timestamp
        /// Slots of live workers that serve this experiment.
        var liveSlots: Int
        /// Whether more results make better suggestions.
        var isSamplerLearning: Bool
        /// Suggestions that the sampler has left; `nil` when there is no end to them.
        var remaining: Int?
    }

    /// One thing to do; they are done in the order given, and the next plan is made from what came of them.
    enum Action: Sendable, Hashable {
        case begin
        case markStarted(Timestamp)
        case insert([Int])
        case reserve(Int)
        case decide(ExperimentEnding)
        /// All new trials, or only these.
        case cancelNew(only: [Int]?)
        case orderCancel
        /// Makes trials new that a person wants tried again, for whoever wanted it and did not come to it.
        case carryOutRetries
        case finish
    }

    /// What to do now; empty when there is nothing.
    static func plan(_ situation: Situation, _ ledger: TrialLedger) -> [Action] {
        let experiment = situation.experiment
        guard !experiment.state.isTerminal else { return [] }
        if !experiment.retrying.isEmpty { return [.carryOutRetries] }
        var actions: [Action] = []
        if experiment.state == .created, experiment.ending == nil { actions.append(.begin) }
        if experiment.startedAt == nil, let first = ledger.firstClaim { actions.append(.markStarted(first)) }
        // Promised numbers are filled whatever happens next: a stale leader may still insert them, and then they must count.
        let missing = ledger.missingNumbers(below: experiment.nextTrial)
        if !missing.isEmpty { actions.append(.insert(Array(missing.prefix(largestBatch)))) }

        if experiment.ending != nil {
            actions += windingDown(ledger, isFilled: missing.isEmpty)
        } else if let ending = ending(situation, ledger) {
            actions.append(.decide(ending))
        } else if let surplus = surplus(situation, ledger) {
            actions.append(.cancelNew(only: surplus))
        } else if missing.isEmpty, experiment.state != .paused {
            let count = shortfall(situation, ledger)
            if count > 0 { actions.append(.reserve(count)) }
        }
        return actions
    }

    private static func windingDown(_ ledger: TrialLedger, isFilled: Bool) -> [Action] {
        if ledger.count(.new) > 0 { return [.cancelNew(only: nil)] }
        if ledger.openNumbers.isEmpty { return isFilled ? [.finish] : [] }
        let hasUnordered = ledger.openNumbers.contains { ledger.trials[$0]?.takes(.cancel) ?? false }
        return hasUnordered ? [.orderCancel] : []
    }

    /// New trials beyond a `max_trials` that was lowered. Those that were touched before, such as retried ones, stay.
    private static func surplus(_ situation: Situation, _ ledger: TrialLedger) -> [Int]? {
        guard let most = situation.experiment.limits.maxTrials, situation.experiment.nextTrial > most + 1 else {
            return nil
        }
        let surplus = ledger.openNumbers.filter { number in
            guard number > most, let trial = ledger.trials[number] else { return false }
            return trial.state == .new && trial.version == 0
        }
        return surplus.isEmpty ? nil : surplus.sorted()
    }

    /// The first limit reached, if one is.
    ///
    /// Limits on outcomes leave out what came before a person reopened the experiment: it ended for that once.
    static func ending(_ situation: Situation, _ ledger: TrialLedger) -> ExperimentEnding? {
        let experiment = situation.experiment
        let limits = experiment.limits
        let outcomes = ledger.outcomes
        let objective = experiment.definition.objective
        if let goal = limits.goalValue, let best = outcomes.bestLoss, best <= objective.loss(of: goal) {
            return ExperimentEnding(state: .completed, reason: .goalReached)
        }
        if let most = limits.maxFailedTrials, outcomes.failed > most {
            return ExperimentEnding(
                state: .failed,
                reason: .tooManyFailures,
                message: "\(outcomes.failed) trials failed, max_failed_trials is \(most).\(lastError(ledger))"
            )
        }
        if limits.isFailFast, ledger.count(.done) == 0, outcomes.cancelled == 0,
            outcomes.failed >= max(failFastTrials, situation.liveSlots)
        {
            return ExperimentEnding(
                state: .failed,
                reason: .failFast,
                message: "The first \(outcomes.failed) trials all failed.\(lastError(ledger))"
            )
        }
        if let longest = limits.maxDuration, let active = experiment.activeDuration(at: situation.now),
            active >= longest
        {
            return ExperimentEnding(state: .completed, reason: .maxDuration)
        }
        guard ledger.openNumbers.isEmpty, ledger.missingNumbers(below: experiment.nextTrial).isEmpty else { return nil }
        if situation.remaining == 0, experiment.unusedPointCount(ledger) == 0 {
            return ExperimentEnding(state: .completed, reason: .spaceExhausted)
        }
        if let most = limits.maxTrials, experiment.nextTrial > most {
            return ExperimentEnding(state: .completed, reason: .maxTrials)
        }
        return nil
    }

    private static func lastError(_ ledger: TrialLedger) -> String {
        let failed = ledger.trials.values.filter { $0.state == .failed }
        let outcome = failed.max { $0.id.number < $1.id.number }?.attempts.last?.outcome
        let details = [outcome?.message, outcome?.errorTail].compactMap { $0 }.filter { !$0.isEmpty }
        return details.isEmpty ? "" : " The last one: " + details.joined(separator: "\n")
    }

    /// How many more trials to prepare.
    private static func shortfall(_ situation: Situation, _ ledger: TrialLedger) -> Int {
        let limits = situation.experiment.limits
        let new = ledger.count(.new)
        let running = ledger.count(.running)
        // A trial that waits for its next attempt keeps no slot busy until it is due, but it counts where trials are limited.
        let ready = new - ledger.delayedCount(at: situation.now)
        let wanted: Int
        if situation.liveSlots == 0 {
            wanted = new + running == 0 ? 1 : 0
        } else if situation.isSamplerLearning {
            wanted = situation.liveSlots - running - ready
        } else {
            // Refilled in halves, so that short trials cost one write per batch and not per trial.
            let ahead = max(leastAhead, situation.liveSlots * aheadPerSlot)
            wanted = ready > ahead / 2 ? 0 : ahead - ready
        }
        var room = min(wanted, largestBatch)
        if let most = limits.maxConcurrentTrials { room = min(room, most - new - running) }
        if let most = limits.maxTrials { room = min(room, most + 1 - situation.experiment.nextTrial) }
        if let remaining = situation.remaining {
            room = min(room, situation.experiment.unusedPointCount(ledger) + remaining)
        }
        return max(0, room)
    }
}
