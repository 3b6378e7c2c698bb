public import Coordination
import ExperimentModel

/// Carries a plan out.
public enum RetentionSweep {
    /// Removes what the plan names, but nothing of an experiment that goes on again. What cannot be removed on this host is told and left; an error of the store ends it, and
    /// the next plan holds what was not done.
    /// - Parameter note: what stands in the place of removed output.
    /// - Returns: why files were left.
    public static func carryOut(
        _ plan: RetentionPlan,
        _ store: any TrialStore,
        workDirectory: WorkDirectoryScan?,
        note: String
    ) async throws -> [String] {
        for leftover in plan.leftovers { try await store.purge(leftover.item.experiment) }
        // A person may have thought about the plan for long, and others have gone on meanwhile.
        let isOver = try await ended(Set((plan.logs.map(\.item.trial) + plan.attempts.map(\.item.trial))), store)
        for log in plan.logs where isOver[log.item.trial.experiment] == true {
            try await store.removeLogs(of: log.item.trial, through: log.item.attempt, leaving: note)
        }
        try await remove(plan.files.map(\.item), store)
        guard let workDirectory else { return [] }
        let removable = plan.attempts.filter { removal in
            // Of an unknown trial there is nobody to ask: it must still be unknown.
            let isOver = isOver[removal.item.trial.experiment]
            return removal.reason == .unknown ? isOver != false : isOver == true
        }
        return removable.compactMap { workDirectory.remove($0.item) }
            + plan.spools.compactMap { workDirectory.remove($0.item) }
            + plan.files.compactMap { workDirectory.remove($0.item) }
    }

    /// Removes what is in the store, unless somebody has begun to use it meanwhile.
    private static func remove(_ files: [ForgottenFile], _ store: any TrialStore) async throws {
        guard files.contains(where: { !$0.isOnHost }) else { return }
        let before = try await store.now() + (.zero - RetentionLimits.fileAge)
        let referenced = try await store.referencedWorkspaces()
        for file in files {
            switch file.place {
            case .workspace(let hash) where !referenced.contains(hash):
                try await store.removeFiles([.workspace(hash: hash)], storedBefore: before)
            case .pieces: try await store.removeUnfinishedFiles(before: before)
            case .workspace, .cached: break
            }
        }
    }

    /// Whether the experiments of some trials have ended; those that the store does not have are absent.
    private static func ended(_ trials: Set<TrialID>, _ store: any TrialStore) async throws -> [ExperimentID: Bool] {
        var isOver: [ExperimentID: Bool] = [:]
        for id in Set(trials.map(\.experiment)) {
            do {
                isOver[id] = try await store.experiment(id)?.state.isTerminal
            } catch TrialStoreError.unreadable {
                isOver[id] = false
            }
        }
        return isOver
    }
}
