public import Coordination
public import ExperimentModel

extension MemoryTrialStore {
    /// See `TrialStore`.
    public func replaceLimits(of id: ExperimentID, from old: Limits, to new: Limits) throws -> Experiment? {
        guard let known = records[id]?.experiment, known.limits == old, old != new else {
            return records[id]?.experiment
        }
        if known.isWindingDown { throw TrialStoreError.windingDown(id) }
        let now = clock()
        let result = change(id) { experiment in
            experiment.limits = new
            experiment.revision += 1
            if experiment.state.isTerminal { experiment.reopen(at: now) }
        }
        note(result.map { .limitsChanged(from: old, $0) })
        if known.state.isTerminal { note(result.flatMap { .reopened($0) }) }
        return result
    }

    /// See `TrialStore`.
    public func enqueue(_ point: EnqueuedPoint, experiment id: ExperimentID) throws -> Experiment? {
        guard let record = records[id] else { return nil }
        if record.enqueuedIDs.contains(point.id) { return record.experiment }
        guard record.experiment.enqueued.count < EnqueuedPoint.largestCount else {
            throw TrialStoreError.tooManyEnqueued(id, limit: EnqueuedPoint.largestCount)
        }
        records[id]?.enqueuedIDs.insert(point.id)
        records[id]?.experiment.enqueued.append(point)
        records[id]?.experiment.revision += 1
        watchers.send(.experiment(id))
        note(.enqueued(point, id))
        return records[id]?.experiment
    }

    /// See `TrialStore`.
    public func retryTrial(_ id: TrialID) throws -> Trial? {
        guard let known = records[id.experiment], var trial = known.trials[id.number] else { return nil }
        guard trial.isRetryable else { return trial }
        if known.experiment.isWindingDown { throw TrialStoreError.windingDown(id.experiment) }
        let now = clock()
        let result = change(id.experiment) { experiment in
            experiment.revision += 1
            if experiment.state.isTerminal { experiment.reopen(at: now) }
        }
        note(.retryAsked(id, version: trial.version))
        if known.experiment.state.isTerminal { note(result.flatMap { .reopened($0) }) }
        trial.retry()
        put(trial)
        return trial
    }

    /// See `TrialStore`. Nothing ever waits here: ``retryTrial(_:)`` is one step.
    public func carryOutRetries(of lead: Lead) throws -> [Trial] {
        try fence(lead)
        return []
    }
}
