public import ExperimentModel
public import SearchSpace

/// Checks a command against the space and the inputs that fill its placeholders, and the way in which arguments are
/// passed; each message is reported where the command stands.
public typealias CommandCheck = (Command, SearchSpace, [String: ParameterValue], ArgumentStyle) -> [String]

/// Reads the keys of an experiment file and reports everything that is wrong with them.
struct DefinitionReader {
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
            .file,
            position: root.position,
            diagnostics: diagnostics
        )
        let name = readName(file)
        let command = file.required("command", "write what a trial runs, such as command: [python3, train.py]")
            .flatMap { CommandReader(diagnostics: diagnostics).read($0) }
        let space = file.required("search_space", "write what may vary, such as search_space: {lr: loguniform(-9, -2)}")
            .flatMap { SpaceReader(diagnostics: diagnostics).readSpace($0) }
        let objective = readObjective(file)
        let sampler = readSampler(file)
        let policies = readPolicies(file)
        var limits = readLimits(file)
        limits?.goalValue = objective?.goalValue
        limits?.isFailFast = isFailFast(file)
        let details = readDetails(file, objective: objective?.objective)
        if let space { checkSampler(sampler, file, space: space) }
        let initial = readInitial(file, space: space, maxTrials: limits?.maxTrials)
        if let command, let space, let position = file.node("command")?.position {
            let messages = checkCommand(command, space, details.inputs, details.argumentStyle)
            for message in messages { diagnostics.error(message, at: position) }
        }
        guard !diagnostics.hasErrors, let command, let space, let objective, let sampler, let limits else { return nil }
        return ExperimentDefinition(
            name: name ?? defaultName,
            command: command,
            searchSpace: space,
            objective: objective.objective,
            sampler: sampler,
            earlyTermination: policies,
            limits: limits,
            retries: details.retries,
            workingDirectory: details.workingDirectory,
            environment: details.environment,
            secretEnvironment: details.secretEnvironment,
            container: details.container,
            workspace: details.workspace,
            requiredLabels: details.requiredLabels,
            artifacts: details.artifacts,
            description: details.description,
            tags: details.tags,
            owner: details.owner,
            priority: details.priority,
            inputs: details.inputs,
            argumentStyle: details.argumentStyle,
            metrics: details.metrics,
            metricsPatterns: details.metricsPatterns,
            graceSeconds: details.graceSeconds,
            isExclusive: details.isExclusive,
            storeOutageLimitSeconds: details.storeOutageLimitSeconds,
            initial: initial
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
}
