public import ExperimentModel

/// The parts of an experiment that is given on the command line.
public struct ExperimentOptions: Sendable, Hashable {
    /// Parameters as `name=EXPRESSION`, such as `lr=loguniform(-9, -2)` or `kernel=[rbf, poly]`.
    public var spaces: [String]
    /// A whole search space as Python writes it for hyperopt, instead of `spaces`.
    public var spaceText: String?
    /// Where `spaceText` comes from, for messages.
    public var spaceSource: String
    /// Program and arguments of a trial.
    public var command: [String]
    /// Name of the metric to optimise.
    public var metric: String?
    /// `minimize` or `maximize`.
    public var goal: String?
    /// The objective's value at which the experiment ends.
    public var goalValue: Double?
    /// Name of the sampler; `nil` for the default one.
    public var sampler: String?
    /// Policies that stop trials early, such as `bandit:slack_factor=0.1`; none: all run to their end.
    public var policies: [String]
    /// Seed of all draws; `nil` for the caller's default.
    public var seed: UInt64?
    /// Trials that are ever created.
    public var maxTrials: Int?
    /// Trials at once.
    public var maxConcurrentTrials: Int?
    /// Duration of the experiment, such as `30m`.
    public var maxDuration: String?
    /// Duration of an attempt, such as `5m`.
    public var trialTimeout: String?
    /// Failed trials that the experiment survives.
    public var maxFailedTrials: Int?
    /// Name of the experiment; `nil` for that of the directory.
    public var name: String?
    /// Image of the container that trials run in; `nil`: they are processes.
    public var image: String?
    /// A path or `git+https://…` with the files that trials run in; `nil`: they run in ``workingDirectory``.
    public var workspace: String?
    /// Labels that a worker must have, as `name=value`.
    public var requires: [String]
    /// Absolute directory in which trials run.
    public var workingDirectory: String

    /// Options; what is `nil` was not given.
    public init(
        spaces: [String] = [],
        spaceText: String? = nil,
        spaceSource: String = "--space-file",
        command: [String],
        metric: String? = nil,
        goal: String? = nil,
        goalValue: Double? = nil,
        sampler: String? = nil,
        policies: [String] = [],
        seed: UInt64? = nil,
        maxTrials: Int? = nil,
        maxConcurrentTrials: Int? = nil,
        maxDuration: String? = nil,
        trialTimeout: String? = nil,
        maxFailedTrials: Int? = nil,
        name: String? = nil,
        image: String? = nil,
        workspace: String? = nil,
        requires: [String] = [],
        workingDirectory: String
    ) {
        self.spaces = spaces
        self.spaceText = spaceText
        self.spaceSource = spaceSource
        self.command = command
        self.metric = metric
        self.goal = goal
        self.goalValue = goalValue
        self.sampler = sampler
        self.policies = policies
        self.seed = seed
        self.maxTrials = maxTrials
        self.maxConcurrentTrials = maxConcurrentTrials
        self.maxDuration = maxDuration
        self.trialTimeout = trialTimeout
        self.maxFailedTrials = maxFailedTrials
        self.name = name
        self.image = image
        self.workspace = workspace
        self.requires = requires
        self.workingDirectory = workingDirectory
    }
}

extension ExperimentFile {
    /// The definition that command-line options describe, by the rules of the file.
    ///
    /// Messages name the option: `--space 'x=unifrm(-5,5)': error: …`.
    /// - Throws: all mistakes at once.
    public static func definition(
        fromOptions options: ExperimentOptions,
        defaultSeed: UInt64,
        checkCommand: CommandCheck = { _, _, _, _ in [] }
    ) throws(ExperimentFileErrors) -> Result {
        let diagnostics = DiagnosticCollector()
        let reader = DefinitionReader(
            diagnostics: diagnostics,
            directory: options.workingDirectory,
            defaultName: defaultName(fileName: "", directory: options.workingDirectory),
            defaultSeed: options.seed ?? defaultSeed
        )
        let root = OptionNodes(options: options, diagnostics: diagnostics).root
        guard let definition = reader.read(root, checkCommand: checkCommand), !diagnostics.hasErrors else {
            throw ExperimentFileErrors(diagnostics: diagnostics.diagnostics)
        }
        return Result(definition: definition, warnings: diagnostics.diagnostics)
    }
}

/// Writes options as the file that they stand for, each value with its option as the place.
private struct OptionNodes {
    let options: ExperimentOptions
    let diagnostics: DiagnosticCollector

    var root: FileNode {
        var entries = [entry("command", list(options.command, from: "COMMAND"), from: "COMMAND")]
        entries.append(entry("search_space", space, from: "--space"))
        let objective = [
            text("metric", options.metric, "--metric"), text("goal", options.goal, "--goal"),
            plain("goal_value", options.goalValue.map(\.description), "--goal-value"),
        ]
        entries.append(mapping("objective", objective, from: "--metric and --goal"))
        let limits = [
            plain("max_trials", options.maxTrials.map(String.init), "--max-trials"),
            plain("max_concurrent_trials", options.maxConcurrentTrials.map(String.init), "--max-concurrent-trials"),
            plain("max_duration", options.maxDuration, "--max-duration"),
            plain("trial_timeout", options.trialTimeout, "--trial-timeout"),
            plain("max_failed_trials", options.maxFailedTrials.map(String.init), "--max-failed-trials"),
        ]
        entries.append(mapping("limits", limits, from: "--max-trials and --max-duration"))
        entries += [text("name", options.name, "--name"), text("sampler", options.sampler, "--sampler")].compactMap {
            $0
        }
        if let image = text("image", options.image, "--image") {
            entries.append(mapping("environment", [image], from: "--image"))
        }
        if let workspace = text("workspace", options.workspace, "--workspace") { entries.append(workspace) }
        if !options.requires.isEmpty { entries.append(mapping("requires", requires, from: "--require")) }
        if let policies = PolicyOption(diagnostics: diagnostics).entry(options.policies) { entries.append(policies) }
        return FileNode(position: place("options"), content: .mapping(entries))
    }

    private var space: FileNode {
        guard let text = options.spaceText else {
            return FileNode(position: place("--space"), content: .mapping(spaces))
        }
        if !options.spaces.isEmpty {
            diagnostics.error("the whole space is given; leave out --space", at: place(options.spaceSource))
        }
        let isTooLong = text.utf8.count > ExperimentFile.maximumBytes
        if isTooLong {
            let message = "the space is longer than \(ExperimentFile.maximumBytes) bytes"
            diagnostics.error(message, at: place(options.spaceSource))
        }
        let whole = ExperimentFile.withoutByteOrderMark(isTooLong ? "" : text)
        let position = SourcePosition(source: options.spaceSource, line: 1, column: 1)
        let scalar = FileScalar(text: whole, style: .plain, lines: SourceLines(whole))
        return FileNode(position: position, content: .scalar(scalar))
    }

    private var spaces: [FileEntry] {
        let advice = "write a name, \"=\" and a parameter, such as x=uniform(-5, 5)"
        return pairs(options.spaces, of: "--space", "the parameter", advice) { node(of: $0, at: $1) }
    }

    private var requires: [FileEntry] {
        let advice = "write a label, \"=\" and its value, such as machine=K80"
        return pairs(options.requires, of: "--require", "the label", advice) { text, position in
            FileNode(position: position, content: .scalar(FileScalar(text: text, isPlain: false)))
        }
    }

    /// Options of the form `name=text`, each name once.
    private func pairs(
        _ texts: [String],
        of option: String,
        _ kind: String,
        _ advice: String,
        _ node: (String, SourcePosition) -> FileNode?
    ) -> [FileEntry] {
        var seen: Set<String> = []
        return texts.compactMap { text in
            let position = place("\(option) '\(cut(text))'")
            guard let sign = text.firstIndex(of: "=") else {
                diagnostics.error(advice, at: position)
                return nil
            }
            let key = String(text[..<sign])
            guard seen.insert(key).inserted else {
                diagnostics.error("\(kind) \(shown(key)) is there twice", at: position)
                return nil
            }
            guard let value = node(String(text[text.index(after: sign)...]), position) else { return nil }
            return FileEntry(key: key, keyPosition: position, value: value)
        }
    }

    /// A list or mapping is read as YAML, everything else is an expression, which may hold what YAML would split.
    private func node(of text: String, at position: SourcePosition) -> FileNode? {
        guard text.utf8.count <= ExperimentFile.maximumBytes else {
            diagnostics.error("the parameter is longer than \(ExperimentFile.maximumBytes) bytes", at: place("--space"))
            return nil
        }
        guard let first = text.unicodeScalars.first(where: { !$0.properties.isWhitespace }),
            first == "[" || first == "{"
        else {
            return FileNode(position: position, content: .scalar(FileScalar(text: text, isPlain: true)))
        }
        return YAMLReader.read(text, fileName: position.source, diagnostics: diagnostics)?.moved(to: position)
    }

    private func place(_ option: String) -> SourcePosition { SourcePosition(source: option) }

    private func entry(_ key: String, _ node: FileNode, from option: String) -> FileEntry {
        FileEntry(key: key, keyPosition: place(option), value: node)
    }

    private func text(_ key: String, _ text: String?, _ option: String) -> FileEntry? {
        text.map { entry(key, scalar($0, isPlain: false, from: option), from: option) }
    }

    private func plain(_ key: String, _ text: String?, _ option: String) -> FileEntry? {
        text.map { entry(key, scalar($0, isPlain: true, from: option), from: option) }
    }

    private func mapping(_ key: String, _ entries: [FileEntry?], from option: String) -> FileEntry {
        entry(key, FileNode(position: place(option), content: .mapping(entries.compactMap { $0 })), from: option)
    }

    private func list(_ texts: [String], from option: String) -> FileNode {
        let items = texts.map { scalar($0, isPlain: false, from: option) }
        return FileNode(position: place(option), content: .list(items))
    }

    private func scalar(_ text: String, isPlain: Bool, from option: String) -> FileNode {
        FileNode(position: place(option), content: .scalar(FileScalar(text: text, isPlain: isPlain)))
    }
}

extension FileNode {
    /// The node with one place for all of its parts.
    func moved(to position: SourcePosition) -> FileNode {
        switch content {
        case .scalar(let scalar):
            let moved = FileScalar(text: scalar.text, isPlain: scalar.isPlain)
            return FileNode(position: position, content: .scalar(moved))
        case .list(let items): return FileNode(position: position, content: .list(items.map { $0.moved(to: position) }))
        case .mapping(let entries):
            let moved = entries.map {
                FileEntry(key: $0.key, keyPosition: position, value: $0.value.moved(to: position))
            }
            return FileNode(position: position, content: .mapping(moved))
        }
    }
}
