public import Coordination
public import ExperimentModel

/// Reports, output, and reading.
extension MemoryTrialStore {
    /// See `TrialStore`.
    public func record(_ observations: [Observation]) {
        for observation in observations {
            let key = ObservationKey(
                trial: observation.trial,
                attempt: observation.attempt,
                sequence: observation.sequence
            )
            guard storedObservations[key] == nil else { continue }
            storedObservations[key] = observation
            keepReport(observation)
        }
    }

    /// See `TrialStore`.
    public func appendLog(_ chunks: [LogChunk]) {
        for chunk in chunks {
            let key = LogKey(
                trial: chunk.trial,
                attempt: chunk.attempt,
                stream: chunk.stream,
                sequence: chunk.sequence
            )
            if storedLog[key] == nil { storedLog[key] = chunk }
        }
    }

    // MARK: Reading

    /// See `TrialStore`.
    public func trials(of experiment: ExperimentID, _ query: TrialQuery) -> [Trial] {
        guard let record = records[experiment] else { return [] }
        let numbers = Set(query.orNumbers)
        return record.trials.values
            .filter { trial in
                query.states?.contains(trial.state) ?? true || numbers.contains(trial.id.number)
                    || query.orDelayed && trial.state == .new && trial.notBefore != nil
            }
            .sorted { $0.id < $1.id }
    }

    /// See `TrialStore`.
    public func trialCounts(of experiment: ExperimentID) -> [TrialState: Int] {
        Dictionary(grouping: records[experiment]?.trials.values.map(\.state) ?? []) { $0 }.mapValues(\.count)
    }

    /// See `TrialStore`.
    public func bestTrial(of experiment: ExperimentID) -> Trial? {
        guard let record = records[experiment] else { return nil }
        let objective = record.experiment.definition.objective
        let done = record.trials.values.compactMap { trial in
            trial.state == .done ? trial.value.map { (loss: objective.loss(of: $0), trial: trial) } : nil
        }
        return done.min { ($0.loss, $0.trial.id.number) < ($1.loss, $1.trial.id.number) }?.trial
    }

    /// See `TrialStore`.
    public func observations(of trial: TrialID) -> [Observation] {
        storedObservations.values.filter { $0.trial == trial }
            .sorted { ($0.attempt, $0.sequence) < ($1.attempt, $1.sequence) }
    }

    /// See `TrialStore`.
    public func log(of trial: TrialID, attempt: Int) -> [LogChunk] {
        storedLog.values.filter { $0.trial == trial && $0.attempt == attempt }
            .sorted { ($0.stream.rawValue, $0.sequence) < ($1.stream.rawValue, $1.sequence) }
    }

    /// See `TrialStore`.
    public nonisolated func watch(_ scope: WatchScope) -> AsyncStream<StoreEvent> {
        watchers.add(scope)
    }
}
