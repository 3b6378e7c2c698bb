import ExperimentModel

/// The arguments of `create`: what a definition asks for, in the words of an engine.
///
/// Nothing of a definition is passed on as an option of its own: there is no way to ask for more rights.
struct ContainerCommand: Sendable {
    var runtime: TrialRuntime
    var identity: ContainerIdentity
    var specification: ContainerSpecification
    /// Id of the image.
    var image: String
    /// The command of the trial, filled.
    var arguments: [String]
    /// What is seen of the machine beside what the specification names.
    var ownMounts: [ContainerSpecification.Mount]
    var workingDirectory: String
    /// Names of variables that the engine's program passes on from its own environment.
    var passedNames: [String]
    /// File with the others.
    var variablesFile: String?
    /// Who runs the command, where the specification does not say and the image must not.
    var defaultUser: String?
    var gpus: [String]?
    /// Whether a small first process is put before the command, which reaps and passes signals on.
    var hasInit = true
    /// Whether the machine labels its files for SELinux: a trial's own directory must not be labelled anew each time.
    var hasFileLabels = false

    /// Characters that engines separate the parts of a mount by.
    private static let separators: Set<Character> = [",", ":", "\"", "\n", "\r", "\0"]

    /// The arguments of the engine's program.
    /// - Throws: ``EngineError/unmountable(path:)``.
    var words: [String] {
        get throws(EngineError) {
            var words = ["create", "--name", identity.name, "--pull", "never", "--log-driver", "none"]
            if hasInit { words.append("--init") }
            for (name, value) in identity.labels.sorted(by: { $0.key < $1.key }) {
                words += ["--label", "\(name)=\(value)"]
            }
            words += ["--security-opt", "no-new-privileges"]
            if hasFileLabels { words += ["--security-opt", "label=disable"] }
            words += limits
            if let network = specification.network { words += ["--network", network] }
            if let user = specification.user ?? defaultUser { words += ["--user", user] }
            words += devices
            for mount in ownMounts + specification.mounts { words += ["--mount", try Self.text(of: mount)] }
            words += ["--workdir", workingDirectory]
            for name in passedNames { words += ["--env", name] }
            if let variablesFile { words += ["--env-file", variablesFile] }
            return words + program
        }
    }

    private var limits: [String] {
        var words: [String] = []
        if let memory = specification.memoryBytes {
            // The same with swap: that is no memory to give.
            words += ["--memory", String(memory), "--memory-swap", String(memory)]
        }
        if let cpus = specification.cpus { words += ["--cpus", Self.text(of: cpus)] }
        if let shared = specification.sharedMemoryBytes { words += ["--shm-size", String(shared)] }
        return words
    }

    private var devices: [String] {
        guard let gpus, !gpus.isEmpty else { return [] }
        // Docker reads this as a line of comma-separated values, of which ours is one.
        if runtime == .docker { return ["--gpus", "\"device=\(gpus.joined(separator: ","))\""] }
        return gpus.flatMap { ["--device", "nvidia.com/gpu=\($0)"] }
    }

    /// The image and what runs in it. An entry point is one program for Docker, and what follows it comes before the command.
    private var program: [String] {
        switch specification.entrypoint {
        case nil: [image] + arguments
        case .some(let entrypoint):
            if let first = entrypoint.first {
                ["--entrypoint", first, image] + entrypoint.dropFirst() + arguments
            } else if let first = arguments.first {
                ["--entrypoint", first, image] + arguments.dropFirst()
            } else {
                [image]
            }
        }
    }

    private static func text(of mount: ContainerSpecification.Mount) throws(EngineError) -> String {
        for path in [mount.source, mount.target] where path.contains(where: separators.contains) {
            throw .unmountable(path: path)
        }
        let type = mount.source.hasPrefix("/") ? "bind" : "volume"
        return "type=\(type),source=\(mount.source),target=\(mount.target)" + (mount.isReadOnly ? ",readonly" : "")
    }

    /// Without an exponent, which engines do not read.
    private static func text(of cpus: Double) -> String {
        let thousandths = Int((cpus * 1000).rounded())
        let rest = thousandths % 1000
        guard rest > 0 else { return String(thousandths / 1000) }
        let digits = String(rest)
        var fraction = String(repeating: "0", count: 3 - digits.count) + digits
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(thousandths / 1000).\(fraction)"
    }
}
