public import Coordination
public import ExperimentModel

/// What workers are told.
extension MemoryTrialStore {
    /// See `TrialStore`.
    public func orderRunningTrials(_ order: TrialOrder, of lead: Lead, only attempts: [Int: Int]?) throws {
        try fence(lead)
        guard let record = records[lead.id] else { return }
        for number in record.runningNumbers.sorted() {
            guard var trial = record.trials[number], trial.takes(order) else { continue }
            if let attempts, attempts[number] != trial.attempt { continue }
            trial.give(order)
            put(trial)
        }
    }

    /// See `TrialStore`.
    public func askToLeave(_ worker: WorkerID) -> Worker? {
        guard var known = workers[worker] else { return nil }
        guard known.leaveAskedAt == nil else { return known }
        known.leaveAskedAt = clock()
        workers[worker] = known
        watchers.send(.workers)
        watchers.send(.leave(worker))
        return known
    }
}
