public import ExperimentModel
import OrderedCollections
public import SearchSpace

/// Experiments as `--json` and the HTTP API show them; `docs/schema.md` lists the fields.
public enum ExperimentView {
    /// One experiment with the number of its trials in each state and its best trial so far.
    public static func json(_ experiment: Experiment, counts: [TrialState: Int], best: Trial?) -> ParameterValue {
        let definition = experiment.definition
        return .mapping([
            "experiment": .string(experiment.id.rawValue),
            "name": .string(definition.name),
            "state": .string(experiment.state.rawValue),
            "reason": experiment.ending.map { .string($0.reason.rawValue) } ?? .null,
            "message": experiment.ending?.message.map(ParameterValue.string) ?? .null,
            "objective": [
                "metric": .string(definition.objective.metric), "goal": .string(definition.objective.goal.rawValue),
            ],
            "sampler": ["type": .string(definition.sampler.kind.rawValue), "seed": seed(definition.sampler.seed)],
            "limits": limits(experiment.limits),
            "trials": .mapping(
                OrderedDictionary(
                    uniqueKeysWithValues: TrialState.allCases.map { ($0.name, .integer(Int64(counts[$0] ?? 0))) }
                )
            ),
            "best": best.map(TrialView.json) ?? .null,
            "created_at": experiment.createdAt.json,
            "started_at": experiment.startedAt.json,
            "finished_at": experiment.finishedAt.json,
        ])
    }

    /// One experiment with who leads it, `nil` for nobody: what `list --json` prints of each.
    public static func json(
        _ experiment: Experiment,
        counts: [TrialState: Int],
        best: Trial?,
        lead: LeadRecord?
    ) -> ParameterValue {
        let plain = json(experiment, counts: counts, best: best)
        guard case .mapping(var fields) = plain else { return plain }
        fields["leader"] = leader(lead)
        return .mapping(fields)
    }

    static func leader(_ lead: LeadRecord?) -> ParameterValue {
        lead.map { ["leader": .string($0.leader), "lease_until": $0.leaseUntil.json] } ?? .null
    }

    /// Where an experiment stands, after a command that may have changed it.
    public static func state(_ experiment: Experiment) -> ParameterValue {
        ["experiment": .string(experiment.id.rawValue), "state": .string(experiment.state.rawValue)]
    }

    /// Where an experiment stands, and its limits.
    public static func limits(of experiment: Experiment) -> ParameterValue {
        [
            "experiment": .string(experiment.id.rawValue), "state": .string(experiment.state.rawValue),
            "limits": limits(experiment.limits),
        ]
    }

    /// A point that waits for its trial.
    public static func enqueued(_ point: EnqueuedPoint, in experiment: Experiment) -> ParameterValue {
        [
            "experiment": .string(experiment.id.rawValue), "state": .string(experiment.state.rawValue),
            "point": .string(point.id), "labels": .mapping(point.values.values.mapValues(ParameterValue.init)),
        ]
    }

    /// Every limit; null where there is none.
    static func limits(_ limits: Limits) -> ParameterValue {
        [
            "max_trials": number(limits.maxTrials),
            "max_concurrent_trials": number(limits.maxConcurrentTrials),
            "max_duration": limits.maxDurationSeconds.map(ParameterValue.double) ?? .null,
            "trial_timeout": limits.trialTimeoutSeconds.map(ParameterValue.double) ?? .null,
            "max_failed_trials": number(limits.maxFailedTrials),
            "goal_value": limits.goalValue.map(ParameterValue.double) ?? .null,
            "fail_fast": .bool(limits.isFailFast),
        ]
    }

    private static func number(_ value: Int?) -> ParameterValue { value.map { .integer(Int64($0)) } ?? .null }

    /// A seed above 2^63 has no whole number in JSON readers: it is written as text.
    private static func seed(_ seed: UInt64) -> ParameterValue {
        Int64(exactly: seed).map(ParameterValue.integer) ?? .string(String(seed))
    }
}
