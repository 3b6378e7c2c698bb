public import ExperimentModel
import OrderedCollections
public import SearchSpace

/// A definition as an experiment file that means the same, with every default written out; `docs/file-format.md` lists the keys.
public enum DefinitionView {
    /// The file as one JSON value; what is not set is absent.
    public static func json(_ definition: ExperimentDefinition) -> ParameterValue {
        var file: OrderedDictionary<String, ParameterValue> = ["name": .string(definition.name)]
        file["description"] = definition.description.map(ParameterValue.string)
        if !definition.tags.isEmpty { file["tags"] = texts(definition.tags) }
        file["owner"] = definition.owner.map(ParameterValue.string)
        file["priority"] = .integer(Int64(definition.priority))
        file["command"] =
            switch definition.command {
            case .arguments(let arguments): .list(arguments.map(ParameterValue.string))
            case .shell(let text): .string(text)
            }
        file["arguments"] = .string(definition.argumentStyle.rawValue)
        if !definition.inputs.isEmpty {
            file["inputs"] = .mapping(sorted(definition.inputs))
        }
        file["working_directory"] = .string(definition.workingDirectory)
        if !definition.environment.isEmpty { file["env"] = texts(definition.environment) }
        file["search_space"] = definition.searchSpace.normalised
        file["objective"] = objective(definition)
        if !definition.metrics.isEmpty { file["metrics"] = .list(definition.metrics.map(ParameterValue.string)) }
        file["sampler"] = ["type": .string(definition.sampler.kind.rawValue), "seed": seed(definition.sampler.seed)]
        file["limits"] = limits(definition.limits)
        file["fail_fast"] = .bool(definition.limits.isFailFast)
        file["retries"] = .mapping(
            OrderedDictionary(
                uniqueKeysWithValues: RetryLimits.retryableCauses.map {
                    ($0.rawValue, .integer(Int64(definition.retries.allowed(for: $0))))
                }
            )
        )
        file["grace"] = .double(definition.graceSeconds)
        if !definition.initial.isEmpty {
            file["initial"] = .list(definition.initial.map { point($0, of: definition.searchSpace) })
        }
        return .mapping(file)
    }

    private static func objective(_ definition: ExperimentDefinition) -> ParameterValue {
        let objective = definition.objective
        var section: OrderedDictionary<String, ParameterValue> = [
            "metric": .string(objective.metric), "goal": .string(objective.goal.rawValue),
            "value": .string(objective.valueRule.rawValue),
        ]
        section["goal_value"] = definition.limits.goalValue.map(ParameterValue.double)
        return .mapping(section)
    }

    private static func limits(_ limits: Limits) -> ParameterValue {
        var section: OrderedDictionary<String, ParameterValue> = [:]
        section["max_trials"] = limits.maxTrials.map { .integer(Int64($0)) }
        section["max_concurrent_trials"] = limits.maxConcurrentTrials.map { .integer(Int64($0)) }
        section["max_duration"] = limits.maxDurationSeconds.map(ParameterValue.double)
        section["trial_timeout"] = limits.trialTimeoutSeconds.map(ParameterValue.double)
        section["max_failed_trials"] = limits.maxFailedTrials.map { .integer(Int64($0)) }
        return .mapping(section)
    }

    /// A point as a trial would see it, without what is drawn.
    private static func point(_ point: Suggestion, of space: SearchSpace) -> ParameterValue {
        .mapping(space.partialAssignment(for: point))
    }

    private static func texts(_ texts: [String: String]) -> ParameterValue {
        .mapping(sorted(texts.mapValues(ParameterValue.string)))
    }

    private static func sorted(_ values: [String: ParameterValue]) -> OrderedDictionary<String, ParameterValue> {
        OrderedDictionary(uniqueKeysWithValues: values.sorted { $0.key < $1.key })
    }

    /// YAML has no limit on whole numbers, and the file is read as YAML.
    private static func seed(_ seed: UInt64) -> ParameterValue {
        Int64(exactly: seed).map(ParameterValue.integer) ?? .string(String(seed))
    }
}
