public import Coordination
public import ExperimentModel

/// Leads, and what only a leader writes.
extension MemoryTrialStore {
    /// See `TrialStore`.
    public func takeLead(of id: ExperimentID, as leader: String, lease: Duration) -> Lead? {
        guard var experiment = records[id]?.experiment, !experiment.state.isTerminal else { return nil }
        let now = clock()
        if let lead = experiment.lead, lead.leaseUntil > now, lead.leader != leader { return nil }
        experiment.epoch += 1
        experiment.lead = LeadRecord(leader: leader, leaseUntil: now + lease)
        records[id]?.experiment = experiment
        let lead = Lead(experiment: experiment, epoch: experiment.epoch, renewedAt: now)
        note(.led(lead))
        watchers.send(.experiment(id))
        return lead
    }

    /// See `TrialStore`.
    public func renewLead(_ lead: Lead, lease: Duration) -> Lead? {
        guard var experiment = records[lead.id]?.experiment, experiment.epoch == lead.epoch else { return nil }
        let now = clock()
        experiment.lead?.leaseUntil = now + lease
        records[lead.id]?.experiment = experiment
        return Lead(experiment: experiment, epoch: lead.epoch, renewedAt: now)
    }

    /// See `TrialStore`.
    public func releaseLead(_ lead: Lead) {
        guard records[lead.id]?.experiment.epoch == lead.epoch else { return }
        records[lead.id]?.experiment.lead = nil
        watchers.send(.experiment(lead.id))
    }

    /// See `TrialStore`.
    public func change(_ change: ExperimentChange, lead: Lead) throws -> Experiment {
        try fence(lead)
        let now = clock()
        let changed = self.change(lead.id) { experiment in
            switch change {
            case .begin:
                if experiment.state == .created { experiment.state = .running }
            case .markStarted(let start):
                experiment.startedAt = min(experiment.startedAt ?? start, start)
            case .decide(let ending):
                let isKnown = experiment.revision == lead.experiment.revision
                if !experiment.state.isTerminal, experiment.ending == nil, isKnown { experiment.ending = ending }
            case .finish:
                if let ending = experiment.ending, !experiment.state.isTerminal {
                    experiment.state = ending.state
                    experiment.finishedAt = now
                }
            }
        }
        guard let changed else { throw TrialStoreError.noSuchExperiment(lead.id) }
        if case .decide(let ending) = change { note(.decided(ending, changed)) }
        if change == .finish { note(.ended(changed)) }
        return changed
    }

    /// See `TrialStore`.
    public func reserveTrials(_ count: Int, lead: Lead) throws -> Experiment {
        try fence(lead)
        let reserved = change(lead.id) { experiment in
            guard experiment.ending == nil, !experiment.state.isTerminal,
                experiment.nextTrial == lead.experiment.nextTrial, experiment.revision == lead.experiment.revision
            else { return }
            let wanted = experiment.nextTrial + count
            let most = experiment.limits.maxTrials.map { $0 + 1 } ?? wanted
            experiment.nextTrial = max(experiment.nextTrial, min(wanted, most))
        }
        guard let reserved else { throw TrialStoreError.noSuchExperiment(lead.id) }
        return reserved
    }

    func fence(_ lead: Lead) throws {
        guard let current = records[lead.id] else { throw TrialStoreError.noSuchExperiment(lead.id) }
        guard current.experiment.epoch == lead.epoch else { throw TrialStoreError.leadLost(lead.id) }
    }

    /// See `TrialStore`.
    @discardableResult
    public func insertTrials(_ trials: [Trial]) throws -> Set<Int> {
        var known: Set<Int> = []
        for trial in trials {
            guard let record = records[trial.id.experiment] else {
                throw TrialStoreError.noSuchExperiment(trial.id.experiment)
            }
            if record.trials[trial.id.number] == nil { put(trial) } else { known.insert(trial.id.number) }
        }
        return known
    }

    /// See `TrialStore`.
    public func expireLeases(of lead: Lead, retries: RetryLimits) throws -> [Trial] {
        try fence(lead)
        guard let record = records[lead.id] else { return [] }
        let now = clock()
        let judged = min(now, lead.leasesJudgedAt ?? now)
        return record.runningNumbers.sorted().compactMap { number in
            guard var trial = record.trials[number], trial.hasExpired(at: judged) else { return nil }
            let hasBeenHeard = !trial.isPoisonUnlessHeard || isHeard(trial.id)
            let reports = trial.standingStop == nil ? [] : objectiveValues(of: trial.id, attempt: trial.attempt)
            let outcome = trial.lostOutcome(after: reports, record.experiment.definition.objective)
            trial.end(with: outcome, retries: retries, hasBeenHeard: hasBeenHeard, at: now)
            put(trial)
            return trial
        }
    }

    /// Whether an attempt of the trial has printed or reported anything.
    private func isHeard(_ id: TrialID) -> Bool {
        storedObservations.keys.contains { $0.trial == id } || storedLog.keys.contains { $0.trial == id }
    }

    /// See `TrialStore`.
    public func cancelNewTrials(of lead: Lead, only numbers: [Int]?) throws -> [Trial] {
        try fence(lead)
        guard let record = records[lead.id] else { return [] }
        let now = clock()
        let wanted = numbers.map { record.newNumbers.intersection($0) } ?? record.newNumbers
        return wanted.sorted().compactMap { number in
            guard var trial = record.trials[number] else { return nil }
            trial.cancel(at: now)
            put(trial)
            return trial
        }
    }

    /// Stores a trial and tells the watchers; the only place that writes trials.
    func put(_ trial: Trial) {
        let number = trial.id.number
        let id = trial.id.experiment
        records[id]?.trials[number] = trial
        records[id]?.newNumbers.remove(number)
        records[id]?.runningNumbers.remove(number)
        if trial.state == .new { records[id]?.newNumbers.insert(number) }
        if trial.state == .running { records[id]?.runningNumbers.insert(number) }
        watchers.send(.trial(trial))
    }
}
