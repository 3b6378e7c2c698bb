public import Coordination
public import ExperimentModel

extension MemoryTrialStore {
    /// See `StoreUpkeep`.
    public func trials(of experiment: ExperimentID, after number: Int, limit: Int) -> [Trial] {
        guard let record = records[experiment] else { return [] }
        let numbers = record.trials.keys.filter { $0 > number }.sorted().prefix(limit)
        return numbers.compactMap { record.trials[$0] }
    }

    /// See `StoreUpkeep`.
    public func markDeleted(_ experiment: Experiment) -> Bool {
        guard let record = records[experiment.id] else { return deleted[experiment.id] != nil }
        let isAsKnown = record.experiment.revision == experiment.revision
        guard record.experiment.state.isTerminal, isAsKnown else { return false }
        deleted[experiment.id] = record
        records[experiment.id] = nil
        order.removeAll { $0 == experiment.id }
        watchers.send(.experiment(experiment.id))
        return true
    }

    /// See `StoreUpkeep`.
    public func purge(_ id: ExperimentID) throws {
        guard records[id] == nil else { throw TrialStoreError.notMarkedAsDeleted(id) }
        guard deleted[id] != nil || id.isOurs else { throw TrialStoreError.notLeftByDeletion(id) }
        storedObservations = storedObservations.filter { $0.key.trial.experiment != id }
        objectiveReports[id] = nil
        storedLog = storedLog.filter { $0.key.trial.experiment != id }
        logNotes = logNotes.filter { $0.trial.experiment != id }
        storedFiles = storedFiles.filter { !StoredFileFolder.artifacts(id).contains($0.key) }
        deleted[id] = nil
    }

    /// See `StoreUpkeep`.
    public func leftovers() -> [ExperimentID] {
        let named = Set(storedObservations.keys.map(\.trial.experiment)).union(storedLog.keys.map(\.trial.experiment))
            .union(storedFiles.keys.compactMap(\.experiment))
        return named.filter { records[$0] == nil && $0.isOurs }.union(deleted.keys).sorted()
    }

    /// See `StoreUpkeep`. Bytes of observations are their count: nothing is encoded here.
    public func records(of id: ExperimentID) -> StoredRecords {
        let record = records[id] ?? deleted[id]
        var found = StoredRecords(trials: record?.trials.count ?? 0)
        found.logBytes = logBytes(of: id)
        found.otherBytes = Int64(storedObservations.keys.count { $0.trial.experiment == id })
        found.artifactBytes = storedFiles.reduce(0) { $0 + ($1.key.experiment == id ? Int64($1.value.bytes.count) : 0) }
        return found
    }

    /// See `StoreUpkeep`.
    public func logBytes(of id: ExperimentID) -> [Int: Int64] {
        var bytes: [Int: Int64] = [:]
        for (key, chunk) in storedLog where key.trial.experiment == id && !logNotes.contains(key) {
            bytes[key.trial.number, default: 0] += Int64(chunk.bytes.count)
        }
        return bytes
    }

    /// See `StoreUpkeep`.
    public func removeLogs(of trial: TrialID, through attempt: Int, leaving note: String) {
        let removed = storedLog.keys.filter { key in
            key.trial == trial && key.attempt <= attempt && !logNotes.contains(key)
        }
        for key in removed { storedLog[key] = nil }
        for number in Set(removed.map(\.attempt)) {
            let key = LogKey(trial: trial, attempt: number, stream: .stderr, sequence: 0)
            if logNotes.insert(key).inserted {
                let chunk = LogChunk(
                    trial: trial,
                    attempt: number,
                    stream: .stderr,
                    sequence: 0,
                    bytes: Array(note.utf8)
                )
                storedLog[key] = chunk
            }
        }
    }
}
