import Coordination
import ExperimentModel
import Samplers
import SearchSpace

/// What must hold when everything has healed and the experiments have ended.
extension Judge {
    var haveAllEnded: Bool { !state.value.isEmpty && state.value.values.allSatisfy { $0.experiment.state.isTerminal } }

    func lookAtEnd() {
        for record in records {
            lookAtOutcomes(record)
            lookAtReason(record)
            lookAtSuggestions(record)
            lookAtRetries(record)
            lookAtOverlaps(record)
        }
        for entry in journal.open {
            fail("trial \(entry.trial) attempt \(entry.attempt) still runs on \(entry.worker)")
        }
    }

    private func lookAtOutcomes(_ record: Record) {
        let id = record.experiment.id
        for number in 1..<record.experiment.nextTrial {
            guard let trial = record.trials[number] else {
                fail("\(id): trial \(number) was promised and is missing")
                continue
            }
            if !trial.state.isTerminal { fail("trial \(trial.id) has no outcome") }
            if (trial.state == .done) != (trial.value != nil) {
                fail("trial \(trial.id) is \(trial.state.name) and has \(trial.value == nil ? "no " : "")value")
            }
        }
        for (attempt, outcome) in record.accepted {
            let stored = record.trials[attempt.trial.number]?.attempts.first { $0.number == attempt.attempt }?.outcome
            if stored != outcome.settled {
                fail("trial \(attempt.trial): the accepted result of attempt \(attempt.attempt) is gone")
            }
        }
    }

    private func lookAtReason(_ record: Record) {
        let experiment = record.experiment
        guard let ending = experiment.ending else { return fail("\(experiment.id) ended without a reason") }
        let trials = record.trials.values
        let failed = trials.count { $0.state == .failed }
        let isRight: Bool
        switch ending.reason {
        case .maxTrials:
            let most = experiment.limits.maxTrials ?? .max
            isRight = experiment.nextTrial - 1 == max(most, record.promisedBeforeLowering)
        case .spaceExhausted:
            let space = experiment.definition.searchSpace
            let tried = Set(trials.filter { $0.state != .cancelled }.map { space.canonical($0.suggestion) })
            isRight = space.cardinality == .finite(tried.count)
        case .goalReached:
            let objective = experiment.definition.objective
            let best = trials.compactMap { $0.value.map(objective.loss) }.min()
            isRight =
                best.map { best in experiment.limits.goalValue.map { best <= objective.loss(of: $0) } ?? true } ?? false
        case .maxDuration:
            isRight =
                experiment.limits.maxDuration.map { limit in
                    experiment.activeDuration(at: experiment.finishedAt ?? experiment.createdAt).map { $0 >= limit }
                        ?? false
                } ?? true
        case .tooManyFailures: isRight = failed > 0
        case .failFast: isRight = failed > 0
        case .user: isRight = true
        case .invalidDefinition: isRight = false
        }
        if !isRight {
            fail(
                "\(experiment.id) ended with reason \(ending.reason.rawValue), \(experiment.nextTrial - 1) trials, limits \(experiment.limits)"
            )
        }
    }

    /// Attempts of an exclusive trial do not overlap.
    private func lookAtOverlaps(_ record: Record) {
        guard record.experiment.definition.isExclusive else { return }
        var last: [TrialID: Journal.Entry] = [:]
        for entry in journal.all where entry.trial.experiment == record.experiment.id {
            if let earlier = last.updateValue(entry, forKey: entry.trial), earlier.end.map({ $0 > entry.begin }) ?? true
            {
                fail("trial \(entry.trial): attempts \(earlier.attempt) and \(entry.attempt) overlap")
            }
        }
    }

    /// What a person wanted tried again was tried again, if nothing ended the experiment before.
    private func lookAtRetries(_ record: Record) {
        guard let reason = record.experiment.ending?.reason, reason == .maxTrials || reason == .spaceExhausted else {
            return
        }
        for (number, attempt) in record.retriedAfter.sorted(by: { $0.key < $1.key }) {
            guard let trial = record.trials[number], trial.attempt <= attempt else { continue }
            fail("trial \(trial.id) was to be tried again after attempt \(attempt), and was not")
        }
    }

    /// A sampler that does not learn proposes what it would have proposed had nothing happened.
    private func lookAtSuggestions(_ record: Record) {
        let definition = record.experiment.definition
        guard definition.sampler.kind == .random,
            let sampler = try? SamplerFactory.makeSampler(for: definition)
        else { return }
        for (number, trial) in record.trials.sorted(by: { $0.key < $1.key }) where trial.origin == .sampler {
            // A trial that was cancelled from the beginning may hold a point that nobody proposed.
            if trial.state == .cancelled, trial.attempts.isEmpty { continue }
            if (try? sampler.suggest(trial: number, history: TrialHistory())) != trial.suggestion {
                fail("trial \(trial.id) has not the suggestion of an undisturbed run")
            }
        }
    }
}
