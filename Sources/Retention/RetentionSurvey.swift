public import Coordination
import ExperimentModel

/// Takes stock of what a store and this host's work directory hold.
public enum RetentionSurvey {
    /// Trials that are read at once.
    static let pageSize = 1000

    /// Everything that a plan has to know. Nothing is changed.
    /// - Parameter workDirectory: `nil` to look at the store alone.
    public static func inventory(
        of store: any TrialStore,
        workDirectory: WorkDirectoryScan?
    ) async throws -> RetentionInventory {
        var inventory = RetentionInventory()
        // Files first: an attempt that begins meanwhile is not among them.
        inventory.attempts = workDirectory?.attempts() ?? []
        inventory.spools = (workDirectory?.spools() ?? []) + (workDirectory?.results() ?? [])
        for id in try await store.leftovers() {
            let records = try await store.records(of: id)
            let bytes = records.totalLogBytes + records.otherBytes + records.artifactBytes
            inventory.leftovers.append(Leftover(experiment: id, bytes: bytes))
        }
        inventory.files = try await forgotten(store) + (workDirectory?.workspaces() ?? [])
        let onHost = Dictionary(grouping: inventory.attempts.indices) { inventory.attempts[$0].trial.experiment }
        let experiments = try await store.experiments(ExperimentQuery())
        for id in Set(onHost.keys).subtracting(experiments.map(\.id)) where try await isKnown(id, store) {
            for index in onHost[id] ?? [] { inventory.attempts[index].standing = .unfinished }
        }
        for experiment in experiments {
            let logBytes = try await store.logBytes(of: experiment.id)
            let directories = onHost[experiment.id] ?? []
            guard !logBytes.isEmpty || !directories.isEmpty else { continue }
            let files = Dictionary(grouping: directories) { inventory.attempts[$0].trial.number }
            try await forEachTrial(of: experiment, store) { trial, isBest in
                let standing = standing(of: trial, in: experiment, isBest: isBest)
                if let bytes = logBytes[trial.id.number] {
                    inventory.logs.append(
                        StoredLog(trial: trial.id, attempt: trial.attempt, bytes: bytes, standing: standing)
                    )
                }
                for index in files[trial.id.number] ?? [] {
                    let attempt = inventory.attempts[index].attempt
                    inventory.attempts[index].standing = Self.standing(of: attempt, of: trial, standing)
                }
            }
        }
        return inventory
    }

    /// Workspaces that no experiment names, and pieces of files that are old enough to be sure that nobody completes them.
    private static func forgotten(_ store: any TrialStore) async throws -> [ForgottenFile] {
        // Files first: whoever creates an experiment stores its workspace before.
        let workspaces = try await store.storedFiles(in: .workspaces)
        let referenced = try await store.referencedWorkspaces()
        var found = workspaces.compactMap { file -> ForgottenFile? in
            guard case .workspace(let hash) = file.name, !referenced.contains(hash) else { return nil }
            return ForgottenFile(place: .workspace(hash: hash), bytes: file.bytes, usedAt: file.storedAt)
        }
        let before = try await store.now() + (.zero - RetentionLimits.fileAge)
        let pieces = try await store.unfinishedFiles(before: before)
        if pieces.files > 0 {
            // Older than the limit by what they were asked for.
            let usedAt = before + .milliseconds(-1)
            found.append(ForgottenFile(place: .pieces(files: pieces.files), bytes: pieces.bytes, usedAt: usedAt))
        }
        return found
    }

    /// Whether the store has an experiment that was not listed: one that is newer than the list, or that cannot be read.
    private static func isKnown(_ id: ExperimentID, _ store: any TrialStore) async throws -> Bool {
        do {
            return try await store.experiment(id) != nil
        } catch TrialStoreError.unreadable {
            return true
        }
    }

    private static func forEachTrial(
        of experiment: Experiment,
        _ store: any TrialStore,
        _ body: (Trial, _ isBest: Bool) -> Void
    ) async throws {
        let best = try await store.bestTrial(of: experiment.id)?.id
        var last = 0
        while true {
            let page = try await store.trials(of: experiment.id, after: last, limit: pageSize)
            for trial in page { body(trial, trial.id == best) }
            guard let end = page.last else { return }
            last = end.id.number
        }
    }

    private static func standing(of trial: Trial, in experiment: Experiment, isBest: Bool) -> TrialStanding {
        guard experiment.state.isTerminal, trial.state.isTerminal else { return .unfinished }
        return isBest ? .best : .finished(at: trial.finishedAt ?? trial.createdAt)
    }

    private static func standing(of attempt: Int, of trial: Trial, _ standing: TrialStanding) -> TrialStanding {
        if trial.state == .running, attempt == trial.attempt { return .running }
        // More attempts than the trial has had: the directory is of another store with the same id.
        guard let record = trial.attempts.first(where: { $0.number == attempt }) else { return .unknown }
        guard case .finished = standing, let end = record.endedAt else { return standing }
        return .finished(at: end)
    }
}
