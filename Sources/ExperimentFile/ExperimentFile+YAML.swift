public import ExperimentModel
import OrderedCollections
public import SearchSpace

extension ExperimentFile {
    /// A space in the form of the file: the entries of `search_space`, in block style, not indented.
    ///
    /// A space that was read by this module is read back as an equal one.
    public static func yaml(of space: SearchSpace) -> String { YAMLText.block(SpaceSpelling.entries(of: space)) }

    /// A whole file for a definition; what has its default is left out, but for the seed and the working directory.
    ///
    /// A definition that was read by this module is read back as an equal one.
    public static func yaml(of definition: ExperimentDefinition) -> String {
        YAMLText.block(head(of: definition))
            // The model of values has no unsigned numbers.
            + "sampler: {type: \(definition.sampler.kind.rawValue), seed: \(definition.sampler.seed)}\n"
            + YAMLText.block(tail(of: definition))
    }

    private static func head(of definition: ExperimentDefinition) -> Assignment {
        var entries: Assignment = ["name": .string(definition.name)]
        entries["description"] = definition.description.map { .string($0) }
        if !definition.tags.isEmpty { entries["tags"] = texts(definition.tags) }
        entries["owner"] = definition.owner.map { .string($0) }
        if definition.priority != ExperimentDefinition.defaultPriority {
            entries["priority"] = .integer(Int64(definition.priority))
        }
        switch definition.command {
        case .arguments(let arguments): entries["command"] = .list(arguments.map { .string($0) })
        case .shell(let text): entries["command"] = .string(text)
        }
        if !definition.inputs.isEmpty {
            entries["inputs"] = .mapping(sorted(definition.inputs))
        }
        if definition.argumentStyle != .append { entries["arguments"] = .string(definition.argumentStyle.rawValue) }
        entries["search_space"] = .mapping(SpaceSpelling.entries(of: definition.searchSpace))
        var objective: Assignment = [
            "metric": .string(definition.objective.metric), "goal": .string(definition.objective.goal.rawValue),
        ]
        objective["goal_value"] = definition.limits.goalValue.map(SpaceSpelling.number)
        if definition.objective.valueRule != .last {
            objective["value"] = .string(definition.objective.valueRule.rawValue)
        }
        entries["objective"] = .mapping(objective)
        if !definition.metrics.isEmpty { entries["metrics"] = .list(definition.metrics.map { .string($0) }) }
        return entries
    }

    private static func tail(of definition: ExperimentDefinition) -> Assignment {
        var entries: Assignment = ["limits": .mapping(limits(of: definition))]
        if !definition.retries.charges.isEmpty {
            let charges = definition.retries.charges.map { ($0.rawValue, ParameterValue.integer(Int64($1))) }
            entries["retries"] = .mapping(sorted(Dictionary(charges, uniquingKeysWith: { $1 })))
        }
        if !definition.limits.isFailFast { entries["fail_fast"] = false }
        if definition.graceSeconds != ExperimentDefinition.defaultGraceSeconds {
            entries["grace"] = SpaceSpelling.number(definition.graceSeconds)
        }
        if !definition.initial.isEmpty {
            entries["initial"] = .list(
                definition.initial.map { .mapping(definition.searchSpace.partialAssignment(for: $0)) }
            )
        }
        entries["working_directory"] = .string(definition.workingDirectory)
        if !definition.environment.isEmpty { entries["env"] = texts(definition.environment) }
        return entries
    }

    private static func limits(of definition: ExperimentDefinition) -> Assignment {
        let limits = definition.limits
        var entries: Assignment = [:]
        entries["max_trials"] = limits.maxTrials.map { .integer(Int64($0)) }
        entries["max_concurrent_trials"] = limits.maxConcurrentTrials.map { .integer(Int64($0)) }
        entries["max_duration"] = limits.maxDurationSeconds.map(SpaceSpelling.number)
        entries["trial_timeout"] = limits.trialTimeoutSeconds.map(SpaceSpelling.number)
        entries["max_failed_trials"] = limits.maxFailedTrials.map { .integer(Int64($0)) }
        return entries
    }

    private static func texts(_ texts: [String: String]) -> ParameterValue {
        .mapping(sorted(texts.mapValues { .string($0) }))
    }

    private static func sorted(_ values: [String: ParameterValue]) -> Assignment {
        Assignment(uniqueKeysWithValues: values.sorted { $0.key < $1.key })
    }
}

extension SearchSpace {
    /// What a person would write for a partial suggestion: the given values, with the constants that tell the options
    /// of the choices around them.
    fileprivate func partialAssignment(for suggestion: Suggestion) -> Assignment {
        Assignment(
            uniqueKeysWithValues: root.compactMap { key, node in
                Self.value(of: node, suggestion, isInOption: false).map { (key, $0) }
            }
        )
    }

    private static func value(of node: SpaceNode, _ given: Suggestion, isInOption: Bool) -> ParameterValue? {
        switch node {
        case .constant(let value): return isInOption ? value : nil
        case .mapping(let nodes):
            let entries = nodes.compactMap { key, node in
                value(of: node, given, isInOption: isInOption).map { (key, $0) }
            }
            return entries.isEmpty && !isInOption ? nil : .mapping(Assignment(uniqueKeysWithValues: entries))
        case .list(let nodes):
            let items = nodes.compactMap { value(of: $0, given, isInOption: true) }
            return items.count == nodes.count ? .list(items) : nil
        case .parameter(let parameter):
            guard let drawn = given.values[parameter.label] else { return nil }
            guard let options = parameter.domain.options else {
                return drawn.wholeNumber.map { .integer($0) } ?? .double(drawn.number)
            }
            guard let index = drawn.wholeNumber.flatMap({ Int(exactly: $0) }), options.indices.contains(index) else {
                return nil
            }
            return value(of: options[index], given, isInOption: true)
        }
    }
}
