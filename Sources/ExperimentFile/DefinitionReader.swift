public import ExperimentModel
public import SearchSpace

/// Checks a command against the space that fills its placeholders; each message is reported where the command stands.
public typealias CommandCheck = (Command, SearchSpace) -> [String]

/// Reads the keys of an experiment file and reports everything that is wrong with them.
struct DefinitionReader {
    /// Keys that are read.
    static let keys = [
        "name", "command", "search_space", "objective", "sampler", "limits", "retries", "working_directory", "env",
    ]
    /// Keys of the format that this version does not read.
    static let laterKeys = [
        "early_termination", "initial", "description", "tags", "owner", "priority", "secret_env", "workspace",
        "environment",
        "requires", "metrics", "metrics_pattern", "artifacts", "inputs", "arguments", "exclusive", "grace", "fail_fast",
        "store_outage_limit", "warm_start",
    ]
    /// The largest count that a file may name.
    static let maximumCount = 16_777_215
    /// Characters that a name may have.
    static let maximumNameLength = 200

    let diagnostics: DiagnosticCollector
    /// Absolute directory that relative paths start from.
    let directory: String
    let defaultName: String
    let defaultSeed: UInt64

    /// The definition, or `nil` when anything was reported.
    func read(_ root: FileNode, checkCommand: CommandCheck) -> ExperimentDefinition? {
        guard case .mapping(let entries) = root.content else {
            diagnostics.error(
                "an experiment file must be a mapping with command, search_space, objective and limits",
                at: root.position
            )
            return nil
        }
        let file = SectionReader(
            entries,
            name: nil,
            position: root.position,
            known: Self.keys,
            later: Self.laterKeys,
            diagnostics: diagnostics
        )
        let name = readName(file)
        let command = file.required("command", "write what a trial runs, such as command: [python3, train.py]").flatMap
        {
            CommandReader(diagnostics: diagnostics).read($0)
        }
        let space = file.required("search_space", "write what may vary, such as search_space: {lr: loguniform(-9, -2)}")
            .flatMap {
                SpaceReader(diagnostics: diagnostics).readSpace($0)
            }
        let objective = readObjective(file)
        let sampler = readSampler(file)
        let limits = readLimits(file)
        let retries = readRetries(file)
        let workingDirectory = readWorkingDirectory(file)
        let environment = readEnvironment(file)
        if let command, let space, let position = file.node("command")?.position {
            for message in checkCommand(command, space) { diagnostics.error(message, at: position) }
        }
        guard !diagnostics.hasErrors, let command, let space, let objective, let sampler, let limits else { return nil }
        return ExperimentDefinition(
            name: name ?? defaultName,
            command: command,
            searchSpace: space,
            objective: objective,
            sampler: sampler,
            limits: limits,
            retries: retries,
            workingDirectory: workingDirectory,
            environment: environment
        )
    }

    private func readName(_ file: SectionReader) -> String? {
        guard let name = file.text("name"), let position = file.node("name")?.position else { return nil }
        if let reason = Self.reasonAgainst(name: name) {
            diagnostics.error("the name \(shown(name)) \(reason)", at: position)
        }
        return name
    }

    /// Why an experiment cannot have a name; `nil` when it can.
    static func reasonAgainst(name: String) -> String? {
        if name.isEmpty { return "is empty" }
        if name.unicodeScalars.count > maximumNameLength { return "is longer than \(maximumNameLength) characters" }
        if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "contains a control character"
        }
        return name == "last" ? "is reserved: commands take \"last\" for the newest experiment" : nil
    }

    private func readWorkingDirectory(_ file: SectionReader) -> String {
        guard let path = file.text("working_directory"), let node = file.node("working_directory") else {
            return directory
        }
        if path.isEmpty || path.hasPrefix("~") {
            let message = "working_directory must be a path; \"~\" is not expanded, and . is the directory of the file"
            diagnostics.error(message, at: node.position)
        }
        return Self.resolve(path, in: directory)
    }

    /// An absolute path without `.` and empty parts; `..` stays, since links make it mean more than a parent.
    static func resolve(_ path: String, in directory: String) -> String {
        let absolute = path.hasPrefix("/") ? path : directory + "/" + path
        return "/" + absolute.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    private func readEnvironment(_ file: SectionReader) -> [String: String] {
        guard let section = file.mapping("env") else { return [:] }
        var environment: [String: String] = [:]
        for entry in section.entries {
            if entry.key.isEmpty || entry.key.contains("=") || entry.key.utf8.contains(0) {
                diagnostics.error("\(shown(entry.key)) cannot name a variable", at: entry.keyPosition)
            }
            // An empty value is an empty text here: there is no variable without a value.
            if let scalar = entry.value.scalar, scalar.text.isEmpty {
                environment[entry.key] = ""
            } else {
                environment[entry.key] = file.text(of: entry.value, "env.\(entry.key)")
            }
        }
        return environment
    }
}
