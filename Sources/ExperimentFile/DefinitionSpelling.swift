import ExperimentModel
import OrderedCollections
import SearchSpace

/// A definition as the entries of an experiment file, but for `sampler`: values have no unsigned numbers for its seed.
struct DefinitionSpelling {
    let definition: ExperimentDefinition
    /// Whether defaults are written out and the space is normalised; otherwise the spelling is as short as it can be.
    let isComplete: Bool

    /// The entries before `sampler`.
    var head: Assignment {
        var entries: Assignment = ["name": .string(definition.name)]
        entries["description"] = definition.description.map { .string($0) }
        if !definition.tags.isEmpty { entries["tags"] = texts(definition.tags) }
        entries["owner"] = definition.owner.map { .string($0) }
        if isComplete || definition.priority != ExperimentDefinition.defaultPriority {
            entries["priority"] = .integer(Int64(definition.priority))
        }
        switch definition.command {
        case .arguments(let arguments): entries["command"] = .list(arguments.map { .string($0) })
        case .shell(let text): entries["command"] = .string(text)
        }
        if !definition.inputs.isEmpty { entries["inputs"] = .mapping(sorted(definition.inputs)) }
        if isComplete || definition.argumentStyle != .append {
            entries["arguments"] = .string(definition.argumentStyle.rawValue)
        }
        let space = definition.searchSpace
        entries["search_space"] = isComplete ? space.normalised : .mapping(SpaceSpelling.entries(of: space))
        entries["objective"] = .mapping(objective)
        if !definition.metrics.isEmpty { entries["metrics"] = .list(definition.metrics.map { .string($0) }) }
        let patterns = definition.metricsPatterns
        if !patterns.isEmpty { entries["metrics_pattern"] = .list(patterns.map { .string($0) }) }
        return entries
    }

    /// The entries after `sampler`.
    var tail: Assignment {
        var entries: Assignment = [:]
        entries["early_termination"] = policies
        entries["limits"] = .mapping(limits)
        let retries = retries
        if !retries.isEmpty { entries["retries"] = .mapping(retries) }
        entries["retry_delay"] = definition.retries.firstDelaySeconds.map(SpaceSpelling.number)
        if isComplete || !definition.limits.isFailFast { entries["fail_fast"] = .bool(definition.limits.isFailFast) }
        if isComplete || definition.graceSeconds != ExperimentDefinition.defaultGraceSeconds {
            entries["grace"] = SpaceSpelling.number(definition.graceSeconds)
        }
        if isComplete || definition.isExclusive { entries["exclusive"] = .bool(definition.isExclusive) }
        let outage = definition.storeOutageLimitSeconds
        if isComplete || outage != ExperimentDefinition.defaultStoreOutageLimitSeconds {
            entries["store_outage_limit"] = SpaceSpelling.number(outage)
        }
        if !definition.initial.isEmpty {
            let points = definition.initial.map(definition.searchSpace.partialAssignment)
            entries["initial"] = .list(points.map { .mapping($0) })
        }
        // In a workspace the usual place is the workspace itself.
        if definition.workspace == nil || !definition.workingDirectory.isEmpty {
            entries["working_directory"] = .string(definition.workingDirectory)
        }
        if !definition.environment.isEmpty { entries["env"] = texts(definition.environment) }
        let secrets = definition.secretEnvironment
        if !secrets.isEmpty { entries["secret_env"] = .list(secrets.map { .string($0) }) }
        entries.merge(PlaceSpelling(definition: definition, isComplete: isComplete).entries) { $1 }
        return entries
    }

    private var policies: ParameterValue? {
        let policies = definition.earlyTermination.map { ParameterValue.mapping($0.settings(isComplete: isComplete)) }
        guard policies.count != 1 else { return policies.first }
        guard policies.isEmpty else { return [PolicyReader.anyOfKey: .list(policies)] }
        return isComplete ? .string(PolicyReader.none) : nil
    }

    private var objective: Assignment {
        let objective = definition.objective
        var entries: Assignment = ["metric": .string(objective.metric), "goal": .string(objective.goal.rawValue)]
        entries["goal_value"] = definition.limits.goalValue.map(SpaceSpelling.number)
        if isComplete || objective.valueRule != .last { entries["value"] = .string(objective.valueRule.rawValue) }
        return entries
    }

    private var limits: Assignment {
        let limits = definition.limits
        var entries: Assignment = [:]
        entries["max_trials"] = limits.maxTrials.map { .integer(Int64($0)) }
        entries["max_concurrent_trials"] = limits.maxConcurrentTrials.map { .integer(Int64($0)) }
        entries["max_duration"] = limits.maxDurationSeconds.map(SpaceSpelling.number)
        entries["trial_timeout"] = limits.trialTimeoutSeconds.map(SpaceSpelling.number)
        entries["max_failed_trials"] = limits.maxFailedTrials.map { .integer(Int64($0)) }
        return entries
    }

    private var retries: Assignment {
        let retries = definition.retries
        let causes = isComplete ? RetryLimits.retryableCauses : Array(retries.charges.keys)
        let charges = causes.map { ($0.rawValue, ParameterValue.integer(Int64(retries.allowed(for: $0)))) }
        return sorted(Dictionary(charges, uniquingKeysWith: { $1 }))
    }

    private func texts(_ texts: [String: String]) -> ParameterValue { PlaceSpelling.texts(texts) }

    private func sorted(_ values: [String: ParameterValue]) -> Assignment {
        Assignment(uniqueKeysWithValues: values.sorted { $0.key < $1.key })
    }
}
