import ExperimentModel
import OrderedCollections
import SearchSpace

/// Where trials of a definition run, as entries of an experiment file: `requires`, `environment`, `workspace`, `artifacts`.
struct PlaceSpelling {
    let definition: ExperimentDefinition
    /// Whether defaults are written out.
    let isComplete: Bool

    var entries: Assignment {
        var entries: Assignment = [:]
        if !definition.requiredLabels.isEmpty { entries["requires"] = Self.texts(definition.requiredLabels) }
        entries["environment"] = definition.container.map { .mapping(container($0)) }
        entries["workspace"] = definition.workspace.map { .mapping(workspace($0)) }
        entries["artifacts"] = definition.artifacts.map { .mapping(artifacts($0)) }
        return entries
    }

    private func container(_ container: ContainerSpecification) -> Assignment {
        var entries: Assignment = [:]
        switch container.source {
        case .image(let image): entries["image"] = .string(image)
        case .dockerfile(let path): entries["dockerfile"] = .string(path)
        }
        if isComplete || container.pull != .missing { entries["pull"] = .string(container.pull.rawValue) }
        entries["user"] = container.user.map { .string($0) }
        if !container.mounts.isEmpty {
            entries["mounts"] = .list(
                container.mounts.map { .string("\($0.source):\($0.target)\($0.isReadOnly ? ":ro" : "")") }
            )
        }
        if !container.variables.isEmpty { entries["env"] = Self.texts(container.variables) }
        entries["network"] = container.network.map { .string($0) }
        entries["memory"] = container.memoryBytes.map { .integer($0) }
        entries["cpus"] = container.cpus.map(SpaceSpelling.number)
        entries["shm_size"] = container.sharedMemoryBytes.map { .integer($0) }
        entries["entrypoint"] = container.entrypoint.map { .list($0.map { .string($0) }) }
        entries["registry_auth"] = container.registryAuth.map { .string($0) }
        entries["working_directory"] = container.workingDirectory.map { .string($0) }
        return entries
    }

    /// What was found at the creation is no key of the file: it is found anew.
    private func workspace(_ workspace: WorkspaceSpecification) -> Assignment {
        var entries: Assignment = [:]
        switch workspace.source {
        case .path(let path): entries["path"] = .string(path)
        case .git(let url, let reference, let subdirectory):
            entries["git"] = .string(url)
            entries["ref"] = reference.map { .string($0) }
            entries["subdirectory"] = subdirectory.map { .string($0) }
        }
        if !workspace.ignore.isEmpty { entries["ignore"] = .list(workspace.ignore.map { .string($0) }) }
        if isComplete || workspace.maximumBytes != WorkspaceSpecification.defaultMaximumBytes {
            entries["max_bytes"] = .integer(workspace.maximumBytes)
        }
        return entries
    }

    private func artifacts(_ rules: ArtifactRules) -> Assignment {
        var entries: Assignment = ["include": .list(rules.include.map { .string($0) })]
        if !rules.exclude.isEmpty { entries["exclude"] = .list(rules.exclude.map { .string($0) }) }
        if isComplete || rules.maximumBytes != ArtifactRules.defaultMaximumBytes {
            entries["max_bytes"] = .integer(rules.maximumBytes)
        }
        return entries
    }

    static func texts(_ texts: [String: String]) -> ParameterValue {
        .mapping(Assignment(uniqueKeysWithValues: texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}
