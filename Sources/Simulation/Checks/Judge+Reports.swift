import ExperimentModel
import MemoryTrialStore

extension Judge {
    /// What an attempt reported before its accepted result is stored, unless its worker died or was told to stop at once.
    /// - Parameter excused: workers that had no time for it.
    func lookAtReports(in memory: MemoryTrialStore, excused: Set<WorkerID>) async {
        var accepted: Set<AttemptID> = []
        // What was given back may have been given back for want of the store.
        for record in records { accepted.formUnion(record.accepted.filter { $1.cause != .drained }.keys) }
        for entry in journal.all where !excused.contains(entry.worker) {
            guard accepted.contains(AttemptID(trial: entry.trial, attempt: entry.attempt)) else { continue }
            let stored = await memory.observations(of: entry.trial).count { $0.attempt == entry.attempt }
            if stored != entry.reports {
                fail("trial \(entry.trial) attempt \(entry.attempt): \(stored) of \(entry.reports) reports are stored")
            }
        }
    }
}
