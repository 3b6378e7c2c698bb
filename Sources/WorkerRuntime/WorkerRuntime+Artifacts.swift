import Coordination
import Execution
import ExperimentModel

/// Files that attempts left, on their way to the store.
extension WorkerRuntime {
    /// Keeps the files of an attempt whose result may count. - Returns: why not, if they are wanted and not kept.
    func keepArtifacts(
        of trial: TrialID,
        _ attempt: Int,
        _ outcome: AttemptOutcome,
        _ rules: ArtifactRules?
    ) async -> String? {
        guard let rules, let keeper = options.artifacts, outcome.value != nil,
            outcome.cause == .succeeded || outcome.cause == .stoppedEarly
        else { return nil }
        return await keeper.keep(trial, attempt: attempt, rules)
    }

    /// The same for a result that was left on disk, whose files may still lie beside it.
    func keepArtifacts(of trial: Trial, _ attempt: Int, _ outcome: AttemptOutcome) async throws -> String? {
        guard options.artifacts != nil, trial.state == .running, trial.attempt == attempt else { return nil }
        let known = rotation.entries[trial.id.experiment]?.experiment
        let experiment: Experiment?
        if let known {
            experiment = known
        } else {
            let unfinished = try await store.experiments(ExperimentQuery(isUnfinishedOnly: true))
            experiment = unfinished.first { $0.id == trial.id.experiment }
        }
        return await keepArtifacts(of: trial.id, attempt, outcome, experiment?.definition.artifacts)
    }
}

extension AttemptResult {
    /// The same end with more to say about it.
    func adding(_ complaint: String) -> AttemptResult {
        switch self {
        case .finished(let outcome): .finished(outcome.adding(complaint))
        case .refused(let outcome): .refused(outcome.adding(complaint))
        case .stopped(let reason, let outcome): .stopped(reason, outcome.adding(complaint))
        }
    }
}

extension AttemptOutcome {
    /// The same end with more to say about it.
    func adding(_ complaint: String) -> AttemptOutcome {
        var outcome = self
        outcome.message = message.map { "\($0); \(complaint)" } ?? complaint
        return outcome
    }
}
