public import Coordination
public import ExperimentModel

/// Workers, and attempts from claim to end.
extension MemoryTrialStore {
    /// See `TrialStore`.
    @discardableResult
    public func register(_ worker: Worker) -> Worker {
        var worker = worker
        worker.lastSeen = clock()
        worker.leaveAskedAt = workers[worker.id]?.leaveAskedAt
        let isNews = workers[worker.id].map { $0.slots != worker.slots || $0.isDraining != worker.isDraining } ?? true
        workers[worker.id] = worker
        if isNews { watchers.send(.workers) }
        return worker
    }

    /// See `TrialStore`.
    public func unregister(_ worker: WorkerID) {
        workers[worker] = nil
        watchers.send(.workers)
    }

    /// See `TrialStore`.
    public func liveWorkers(within liveness: Duration) -> [Worker] {
        let now = clock()
        return workers.values.filter { $0.lastSeen + liveness > now }.sorted { $0.id.rawValue < $1.id.rawValue }
    }

    /// See `TrialStore`.
    public func claimTrial(
        of experiment: ExperimentID,
        by worker: WorkerID,
        host: String,
        lease: Duration
    ) -> Trial? {
        guard let record = records[experiment] else { return nil }
        let now = clock()
        let due = record.newNumbers.filter { number in
            guard let notBefore = record.trials[number]?.notBefore else { return true }
            return notBefore <= now
        }
        guard let number = due.min(), var trial = record.trials[number] else { return nil }
        trial.claim(by: worker, host: host, at: now, lease: lease)
        put(trial)
        return trial
    }

    /// See `TrialStore`.
    public func renewLeases(of worker: WorkerID, lease: Duration) -> [HeldTrial] {
        let until = clock() + lease
        var held: [HeldTrial] = []
        for (id, record) in records {
            for number in record.runningNumbers {
                guard let trial = record.trials[number], trial.owner == worker else { continue }
                // A renewal is no change that anyone waits for: neither version nor event.
                records[id]?.trials[number]?.leaseUntil = until
                held.append(
                    HeldTrial(
                        id: trial.id,
                        attempt: trial.attempt,
                        order: trial.order,
                        timeoutSeconds: record.experiment.limits.trialTimeoutSeconds
                    )
                )
            }
        }
        return held.sorted { $0.id < $1.id }
    }

    /// See `TrialStore`.
    public func finish(_ claimed: Trial, with outcome: AttemptOutcome, retries: RetryLimits) -> FinishResult {
        guard var trial = records[claimed.id.experiment]?.trials[claimed.id.number] else { return .leaseLost }
        guard trial.state == .running, trial.attempt == claimed.attempt, trial.owner == claimed.owner else {
            return FinishResult(repeating: claimed, outcome, on: trial)
        }
        trial.end(with: outcome, retries: retries, at: clock())
        put(trial)
        return .accepted(trial.state)
    }
}
