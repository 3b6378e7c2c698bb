public import Coordination
import ExperimentModel

/// Carries a plan out.
public enum RetentionSweep {
    /// Removes what the plan names. What cannot be removed on this host is told and left; an error of the store ends it, and
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
        for log in plan.logs {
            try await store.removeLogs(of: log.item.trial, through: log.item.attempt, leaving: note)
        }
        guard let workDirectory else { return [] }
        return plan.attempts.compactMap { workDirectory.remove($0.item) }
            + plan.spools.compactMap { workDirectory.remove($0.item) }
    }
}
