public import ExperimentModel
public import Inspection
import OrderedCollections
public import SearchSpace

/// Trials as `--json` and the HTTP API show them; `docs/schema.md` lists the fields.
public enum TrialView {
    /// One trial.
    public static func json(_ trial: Trial) -> ParameterValue {
        var fields: OrderedDictionary<String, ParameterValue> = [
            "trial": .integer(Int64(trial.id.number)),
            "state": .string(trial.state.name),
            "cause": trial.cause.map { .string($0.rawValue) } ?? .null,
            "origin": .string(trial.origin.text),
            "params": .mapping(trial.assignment),
            "value": trial.value.map(ParameterValue.double) ?? .null,
            "attempts": .list(trial.attempts.map(attempt)),
        ]
        fields["created_at"] = trial.createdAt.json
        fields["finished_at"] = trial.finishedAt.json
        fields["charges"] = ExperimentView.causes(trial.charges)
        fields["not_before"] = trial.notBefore.json
        fields["early_stop"] = stop(trial.earlyStop)
        return .mapping(fields)
    }

    /// `{"trials": […]}`, each with the curve of its newest attempt.
    public static func list(_ trials: [(trial: Trial, curve: CurveSketch?)]) -> ParameterValue {
        let items = trials.map { trial, curve in
            guard case .mapping(var fields) = json(trial) else { return ParameterValue.null }
            fields["curve"] = CurveView.json(curve, attempt: trial.attempt)
            return .mapping(fields)
        }
        return .mapping(["trials": .list(items)])
    }

    /// `{"trials": […]}`
    public static func list(_ trials: [Trial]) -> ParameterValue {
        .mapping(["trials": .list(trials.map(json))])
    }

    static func attempt(_ attempt: TrialAttempt) -> ParameterValue {
        let outcome = attempt.outcome
        return .mapping([
            "attempt": .integer(Int64(attempt.number)),
            "worker": .string(attempt.worker.rawValue),
            "host": .string(attempt.host),
            "claimed_at": attempt.claimedAt.json,
            "ended_at": attempt.endedAt.json,
            "cause": outcome.map { .string($0.cause.rawValue) } ?? .null,
            "image": outcome?.image.map { .string($0) } ?? .null,
            "exit_status": outcome?.exitStatus.map { .integer(Int64($0)) } ?? .null,
            "signal": outcome?.signal.map { .integer(Int64($0)) } ?? .null,
            "message": outcome?.message.map(ParameterValue.string) ?? .null,
            "command": outcome?.arguments.map { .list($0.map(ParameterValue.string)) } ?? .null,
        ])
    }
}
