public import ExperimentModel

/// Where trials run, in words.
public enum PlacePhrase {
    /// The directory: a path, or a place in the workspace.
    public static func directory(of definition: ExperimentDefinition) -> String {
        guard definition.workspace != nil else {
            return definition.container?.workingDirectory.map { "\($0) of the container" }
                ?? definition.workingDirectory
        }
        let place = definition.workingDirectory
        return place.isEmpty ? "the workspace" : "\(place) of the workspace"
    }

    /// `python:3.12 (pull: always, memory 4 GiB, 2 cpus, network none)`
    public static func container(_ container: ContainerSpecification) -> String {
        let name =
            switch container.source {
            case .image(let image): image
            case .dockerfile(let path): "built from \(path)"
            }
        var details: [String] = []
        if container.pull != .missing { details.append("pull: \(container.pull.rawValue)") }
        if let bytes = container.memoryBytes { details.append("memory \(ByteCount.text(bytes))") }
        if let cpus = container.cpus { details.append("\(cpus) \(cpus == 1 ? "cpu" : "cpus")") }
        if let network = container.network { details.append("network \(network)") }
        if let user = container.user { details.append("user \(user)") }
        if !container.mounts.isEmpty { details.append(Phrase.count(container.mounts.count, "mount")) }
        return details.isEmpty ? name : "\(name) (\(details.joined(separator: ", ")))"
    }

    /// `/home/me/src`, `/home/me/src (12 files, 3.4 MiB, 1a2b3c4d5e6f)`, `https://git.example/lab.git at main (1a2b3c4d5e6f)`
    public static func workspace(_ workspace: WorkspaceSpecification) -> String {
        var text: String
        switch workspace.source {
        case .path(let path): text = path
        case .git(let url, let reference, let subdirectory):
            text = url
            if let reference { text += " at \(reference)" }
            if let subdirectory { text += ", directory \(subdirectory)" }
        }
        switch workspace.content {
        case .snapshot(let hash, let files, let bytes):
            text += " (\(Phrase.count(files, "file")), \(ByteCount.text(bytes)), \(hash.prefix(12)))"
        case .commit(let commit): text += " (\(commit.prefix(12)))"
        case nil: break
        }
        return text
    }
}
