import CommandLineSupport
import Coordination
import ExperimentFile
import ExperimentModel

/// What the commands that steer an experiment say alike.
enum Steering {
    /// Why a command about an unfinished experiment cannot be done.
    static func refusal(_ experiment: Experiment, _ what: String) -> ProgramFailure {
        if let ending = experiment.ending, !experiment.state.isTerminal {
            return ProgramFailure(
                .failed,
                "Experiment \(experiment.id) is ending (\(ending.reason.rawValue)) and cannot \(what)."
            )
        }
        return ProgramFailure(
            .failed,
            "Experiment \(experiment.id) is \(experiment.state.rawValue) and cannot \(what). "
                + "`hyperserver set \(experiment.id) max_trials=+10` reopens it with room for more trials."
        )
    }

    /// Tells how to get an experiment led and its trials run, when nobody does.
    static func printLeaderHint(_ experiment: Experiment, _ store: any TrialStore) async throws {
        guard !experiment.state.isTerminal else { return }
        let now = try await store.now()
        if let lead = experiment.lead, lead.leaseUntil > now {
            if experiment.state != .paused { try await printWorkerHint(experiment, store) }
            return
        }
        Console.print(
            "No server leads it at the moment: `hyperserver run --resume \(experiment.id)` runs it here, "
                + "`hyperserver start` leads it for workers elsewhere."
        )
    }

    /// Tells on standard error, beside an id on standard output, how to get trials run when no worker is there.
    static func printWorkerHint(_ experiment: Experiment, _ store: any TrialStore) async throws {
        let lease = try CommonOptions.settings().trialLease
        guard try await store.liveWorkers(within: lease).allSatisfy({ !$0.serves(experiment) }) else { return }
        Console.printError(
            "No worker is there to run it: `hyperserver run --resume \(experiment.id)` runs it here, "
                + "`hyperworker --count 2` beside `hyperserver start` does as a service."
        )
    }

    /// How long a command waits for an end that has been decided and is being carried out.
    static let patience: Duration = .seconds(30)

    /// Makes a call that has to wait while an experiment is ending.
    static func afterWindingDown<R: Sendable>(
        _ id: ExperimentID,
        _ store: any TrialStore,
        _ call: @Sendable () async throws -> R
    ) async throws -> R {
        do {
            return try await call()
        } catch TrialStoreError.windingDown {
            try await waitForEnd(of: id, store)
            return try await call()
        }
    }

    private static func waitForEnd(of id: ExperimentID, _ store: any TrialStore) async throws {
        let changes = store.watch(.everything)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in changes {
                    guard let experiment = try await store.experiment(id), experiment.isWindingDown else { return }
                }
            }
            group.addTask {
                try await Task.sleep(for: patience)
                throw ProgramFailure(
                    .failed,
                    "Experiment \(id) is ending, but its last trials have not stopped within \(patience). "
                        + "Is a server leading it? Repeat the command later."
                )
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Times that a change of limits is tried when others change them too.
    private static let largestAttemptCount = 16

    /// Changes limits whatever others do to them at the same time.
    static func changeLimits(
        of found: Experiment,
        by edit: LimitsEdit,
        _ store: any TrialStore
    ) async throws -> Experiment {
        var current = found
        for _ in 0..<largestAttemptCount {
            let old = current.limits
            let new = try DefinitionReading.checked { () throws(ExperimentFileErrors) in try edit.applied(to: old) }
            let result = try await afterWindingDown(found.id, store) {
                try await store.replaceLimits(of: found.id, from: old, to: new)
            }
            guard let result else { throw TrialStoreError.noSuchExperiment(found.id) }
            if result.limits == new { return result }
            current = result
        }
        throw ProgramFailure(.failed, "Others keep changing the limits of experiment \(found.id); repeat the command.")
    }

    /// Gives a trial another attempt, if it is retryable.
    static func retry(_ id: TrialID, _ store: any TrialStore) async throws -> Trial? {
        try await afterWindingDown(id.experiment, store) { try await store.retryTrial(id) }
    }
}
