public import ExperimentModel

/// What keeps a container from being made; each text says what to change.
public enum EngineError: AttemptTrouble, Equatable, CustomStringConvertible {
    /// There is no such program.
    case notInstalled(TrialRuntime)
    /// The engine does not answer as it should; these are its words.
    case unusable(TrialRuntime, program: String, reason: String)
    /// A call took too long.
    case late(TrialRuntime, call: String, limit: Duration)
    /// No engine is there that can be used.
    case noEngine(reasons: [String])
    /// A variable that a container cannot be given.
    case variable(name: String)
    /// A directory that the engine could not be told of.
    case unmountable(path: String)
    /// What a mount names is not on this machine.
    case noSource(path: String, host: String)
    /// The image is not here, and must not be pulled.
    case noImage(image: String, host: String)
    /// The registry did not hand it out.
    case pullFailed(image: String, reason: String, isTroubleOfMachine: Bool)
    /// It could not be built.
    case buildFailed(dockerfile: String, reason: String, isTroubleOfMachine: Bool)
    /// An image is to be built from a workspace that is not known by its content.
    case noContent(dockerfile: String)
    /// The worker does not know the secret, or it is not `user:password`.
    case registrySecret(name: String, host: String)
    /// The engine refused to make the container.
    case createFailed(reason: String)
    /// A file for the engine could not be written.
    case file(path: String, reason: String)

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .notInstalled(let runtime):
            "\(runtime.rawValue) is not on PATH; install it, or start the worker with --runtime process"
        case .unusable(let runtime, let program, let reason):
            "\(program) cannot be used: \(reason); " + Self.remedy(runtime)
        case .late(let runtime, let call, let limit):
            "\(runtime.rawValue) \(call) gave no answer within \(limit); " + Self.remedy(runtime)
        case .noEngine(let reasons):
            "there is no container engine that can be used: \(reasons.joined(separator: "; "))"
        case .variable(let name):
            "env: \(shown(name)) cannot be given to a container: a name holds letters, digits, '_', '.' and '-' only, and the "
                + "value of a variable that engines read themselves holds no line break"
        case .unmountable(let path):
            "the directory \(shown(path, limit: 400)) cannot be mounted: a container engine takes no path with a comma, a "
                + "colon, a quote or a line break; use another --workdir or working_directory"
        case .noSource(let path, let host):
            "the mount's source \(shown(path, limit: 400)) does not exist on the worker \(host); make it there, or require a "
                + "label of workers that have it"
        case .noImage(let image, let host):
            "the image \(shown(image, limit: 200)) is not on the worker \(host), and pull: never forbids to get it; load it "
                + "there, or change pull:"
        case .pullFailed(let image, let reason, _):
            "the image \(shown(image, limit: 200)) cannot be pulled: \(reason); check environment.image, and registry_auth if "
                + "it is private"
        case .buildFailed(let dockerfile, let reason, _):
            "the image cannot be built from \(shown(dockerfile, limit: 200)): \(reason)"
        case .noContent(let dockerfile):
            "no image is built from \(shown(dockerfile, limit: 200)): the content of the workspace is not known; create the "
                + "experiment anew"
        case .registrySecret(let name, let host):
            "the worker \(host) does not know the secret \(shown(name)) as user:password; add it to the file of its --secrets"
        case .createFailed(let reason): "the container cannot be made: \(reason)"
        case .file(let path, let reason): "\(shown(path, limit: 400)) cannot be written: \(reason); check --workdir"
        }
    }

    /// Whether this machine, not the trial, is what has to change.
    public var isTroubleOfMachine: Bool {
        switch self {
        case .notInstalled, .unusable, .late, .noEngine, .registrySecret, .file: true
        case .pullFailed(_, _, let isTrouble), .buildFailed(_, _, let isTrouble): isTrouble
        case .variable, .unmountable, .noSource, .noImage, .noContent, .createFailed: false
        }
    }

    private static func remedy(_ runtime: TrialRuntime) -> String {
        switch runtime {
        case .docker: "check `docker info` as the user of the worker (is the daemon up, is the user in its group?)"
        case .podman, .process: "check `podman info` as the user of the worker"
        }
    }

    /// Lines of an engine's complaint that a message holds, and characters of it.
    static let wordLines = 3
    static let wordCharacters = 600

    /// The end of what an engine printed, in one line fit for a message.
    static func words(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmed }.filter { !$0.isEmpty }
        // Podman's log stands beside its complaint, and is long.
        let complaints = lines.filter { !$0.hasPrefix("time=\"") }
        let joined = (complaints.isEmpty ? lines : complaints).suffix(wordLines).joined(separator: " / ").suffix(
            wordCharacters
        )
        var result = ""
        for scalar in joined.unicodeScalars {
            let isOdd = scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            result.unicodeScalars.append(isOdd ? "\u{FFFD}" : scalar)
        }
        return result.isEmpty ? "it said nothing" : result
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var rest = self
        while rest.first?.isWhitespace ?? false { rest.removeFirst() }
        while rest.last?.isWhitespace ?? false { rest.removeLast() }
        return rest
    }
}
