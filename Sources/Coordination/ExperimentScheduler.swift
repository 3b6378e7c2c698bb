import ExperimentModel

/// Decides what a leader does next; a pure function of what is known, so that any successor decides the same.
struct ExperimentScheduler: Sendable {
    /// Trials prepared ahead for each live slot when the sampler does not learn from results.
    static let aheadPerSlot = 4
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
    }

    /// One thing to do; they are done in the order given, and the next plan is made from what came of them.
    enum Action: Sendable, Hashable {
        case begin
        case markStarted(Timestamp)
        case insert([Int])
        case reserve(Int)
        case decide(ExperimentEnding)
        case cancelNew
        case orderCancel
        case finish
    }

    /// What to do now; empty when there is nothing.
    static func plan(_ situation: Situation, _ ledger: TrialLedger) -> [Action] {
        let experiment = situation.experiment
        guard !experiment.state.isTerminal else { return [] }
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
        } else if missing.isEmpty, experiment.state != .paused {
            let count = shortfall(situation, ledger)
            if count > 0 { actions.append(.reserve(count)) }
        }
        return actions
    }

    private static func windingDown(_ ledger: TrialLedger, isFilled: Bool) -> [Action] {
        if ledger.count(.new) > 0 { return [.cancelNew] }
        if ledger.openNumbers.isEmpty { return isFilled ? [.finish] : [] }
        let hasUnordered = ledger.openNumbers.contains { ledger.trials[$0]?.order == nil }
        return hasUnordered ? [.orderCancel] : []
    }

    /// The first limit reached, if one is.
    static func ending(_ situation: Situation, _ ledger: TrialLedger) -> ExperimentEnding? {
        let limits = situation.experiment.definition.limits
        let failed = ledger.count(.failed)
        if let most = limits.maxFailedTrials, failed > most {
            return ExperimentEnding(
                state: .failed,
                reason: .tooManyFailures,
                message: "\(failed) trials failed, max_failed_trials is \(most).\(lastError(ledger))"
            )
        }
        if ledger.count(.done) == 0, ledger.count(.cancelled) == 0, failed >= max(failFastTrials, situation.liveSlots) {
            return ExperimentEnding(
                state: .failed,
                reason: .failFast,
                message: "The first \(failed) trials all failed.\(lastError(ledger))"
            )
        }
        if let longest = limits.maxDuration, let active = situation.experiment.activeDuration(at: situation.now),
            active >= longest
        {
            return ExperimentEnding(state: .completed, reason: .maxDuration)
        }
        if let most = limits.maxTrials, situation.experiment.nextTrial > most, ledger.openNumbers.isEmpty,
            ledger.missingNumbers(below: situation.experiment.nextTrial).isEmpty
        {
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
        let limits = situation.experiment.definition.limits
        let new = ledger.count(.new)
        let running = ledger.count(.running)
        let wanted: Int
        if situation.liveSlots == 0 {
            wanted = new + running == 0 ? 1 : 0
        } else if situation.isSamplerLearning {
            wanted = situation.liveSlots - running - new
        } else {
            // Refilled in halves, so that short trials cost one write per batch and not per trial.
            let ahead = situation.liveSlots * aheadPerSlot
            wanted = new > ahead / 2 ? 0 : ahead - new
        }
        var room = min(wanted, largestBatch)
        if let most = limits.maxConcurrentTrials { room = min(room, most - new - running) }
        if let most = limits.maxTrials { room = min(room, most + 1 - situation.experiment.nextTrial) }
        return max(0, room)
    }
}
