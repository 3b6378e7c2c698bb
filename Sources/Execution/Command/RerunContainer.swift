import ExperimentModel

/// The command of a trial in its container, as a person can paste it into a shell. Podman takes the same line.
struct RerunContainer {
    var definition: ExperimentDefinition
    var container: ContainerSpecification
    /// The working directory, or where the workspace came from.
    var root: String

    /// Where the files of a workspace that is no directory of this machine are seen.
    private static let checkout = "/workspace"

    /// - Parameter environment: the variables of the definition.
    func line(_ environment: [String: String], _ arguments: [String]) -> String {
        var words = ["docker", "run", "--rm"]
        let hasWorkspace = definition.workspace != nil
        // A checkout of a repository is named relatively.
        let source = root.hasPrefix("/") ? root : "./\(root)"
        let place = container.workingDirectory ?? (root.hasPrefix("/") ? root : Self.checkout)
        if hasWorkspace || container.workingDirectory == nil { words += ["--volume", "\(source):\(place)"] }
        let inside = hasWorkspace && !definition.workingDirectory.isEmpty ? "/\(definition.workingDirectory)" : ""
        words += ["--workdir", place + inside]
        for mount in container.mounts {
            words += ["--volume", "\(mount.source):\(mount.target)\(mount.isReadOnly ? ":ro" : "")"]
        }
        let variables = environment.merging(container.variables) { $1 }
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) { words += ["--env", "\(name)=\(value)"] }
        // Their values are known to workers only: the shell's own are passed on.
        for name in definition.secretEnvironment { words += ["--env", name] }
        words += options
        var arguments = arguments
        if let entrypoint = container.entrypoint {
            arguments = entrypoint + arguments
            if !arguments.isEmpty { words += ["--entrypoint", arguments.removeFirst()] }
        }
        switch container.source {
        case .image(let image): return CommandTemplate.typed(words + [image] + arguments)
        case .dockerfile(let path):
            let build = CommandTemplate.typed(["docker", "build", "--quiet", "--file", "\(source)/\(path)", source])
            let rest = arguments.map { CommandTemplate.typed($0, isProgram: false) }
            return ([CommandTemplate.typed(words), "\"$(\(build))\""] + rest).joined(separator: " ")
        }
    }

    private var options: [String] {
        var words: [String] = []
        if let user = container.user { words += ["--user", user] }
        if let network = container.network { words += ["--network", network] }
        if let bytes = container.memoryBytes { words += ["--memory", String(bytes)] }
        if let cpus = container.cpus { words += ["--cpus", "\(cpus)"] }
        if let bytes = container.sharedMemoryBytes { words += ["--shm-size", String(bytes)] }
        return words
    }
}
