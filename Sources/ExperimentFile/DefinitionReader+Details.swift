import ExperimentModel
import SearchSpace

/// The keys of a definition that may all be missing.
struct DefinitionDetails {
    var retries: RetryLimits
    var workingDirectory: String
    var environment: [String: String]
    var secretEnvironment: [String]
    var container: ContainerSpecification?
    var workspace: WorkspaceSpecification?
    var requiredLabels: [String: String]
    var artifacts: ArtifactRules?
    var description: String?
    var tags: [String: String]
    var owner: String?
    var priority: Int
    var inputs: [String: ParameterValue]
    var argumentStyle: ArgumentStyle
    var metrics: [String]
    var metricsPatterns: [String]
    var graceSeconds: Double
    var isExclusive: Bool
    var storeOutageLimitSeconds: Double
}

extension DefinitionReader {
    /// Priorities that a file may give.
    static let priorityRange = -1000...1000
    /// What an experiment does whose first trials all fail, unless the file says otherwise.
    static let defaultIsFailFast = Limits().isFailFast
    /// How parameters reach a command without placeholders, unless the file says otherwise.
    static let defaultArgumentStyle = ArgumentStyle.append
    /// Metrics that a file may name beside the objective.
    static let maximumMetrics = 1000

    /// Reads what may be missing, each with its default.
    func readDetails(_ file: SectionReader, objective: Objective?) -> DefinitionDetails {
        let metrics = readMetrics(file, objective: objective)
        let workspace = readWorkspace(file)
        let hasWorkspace = file.node("workspace") != nil
        let environment = readEnvironment(file)
        return DefinitionDetails(
            retries: readRetries(file),
            workingDirectory: hasWorkspace ? readDirectoryInWorkspace(file) : readWorkingDirectory(file),
            environment: environment,
            secretEnvironment: readSecrets(file, environment: environment),
            container: readContainer(file, hasWorkspace: hasWorkspace),
            workspace: workspace,
            requiredLabels: readLabels(file, "requires"),
            artifacts: readArtifacts(file),
            description: file.text("description"),
            tags: readTags(file),
            owner: file.text("owner"),
            priority: file.wholeNumber("priority") ?? ExperimentDefinition.defaultPriority,
            inputs: readInputs(file),
            argumentStyle: readArgumentStyle(file),
            metrics: metrics,
            metricsPatterns: readPatterns(file, metrics: metrics, objective: objective),
            graceSeconds: file.seconds("grace") ?? ExperimentDefinition.defaultGraceSeconds,
            isExclusive: file.truth("exclusive") ?? false,
            storeOutageLimitSeconds: file.seconds("store_outage_limit")
                ?? ExperimentDefinition.defaultStoreOutageLimitSeconds
        )
    }

    func isFailFast(_ file: SectionReader) -> Bool { file.truth("fail_fast") ?? Self.defaultIsFailFast }

    private func readTags(_ file: SectionReader) -> [String: String] { readLabels(file, "tags") }

    /// Names and values of a mapping that people made up.
    private func readLabels(_ file: SectionReader, _ key: String) -> [String: String] {
        guard let section = file.mapping(key) else { return [:] }
        for entry in section.entries where entry.key.isEmpty || entry.key.utf8.contains(0) {
            diagnostics.error("\(shown(entry.key)) cannot name an entry of \(key)", at: entry.keyPosition)
        }
        return file.texts(section.entries, key)
    }

    /// The texts of a list with their places; `nil` when it is absent or no list.
    func readTexts(
        _ section: SectionReader,
        _ key: String,
        atMost maximum: Int
    ) -> [(text: String, position: SourcePosition)]? {
        guard let node = section.node(key) else { return nil }
        guard case .list(let items) = node.content, items.count <= maximum else {
            let message = "\(section.full(key)) must be a list of at most \(maximum) texts, not \(node.kind)"
            diagnostics.error(message, at: node.position)
            return nil
        }
        return items.compactMap { item in section.text(of: item, section.full(key)).map { ($0, item.position) } }
    }

    /// An amount of bytes; `nil` when it is absent or wrong.
    func readBytes(_ section: SectionReader, _ key: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let node = section.node(key) else { return nil }
        if let scalar = node.scalar, let bytes = ByteCount.read(scalar.text), range.contains(bytes) { return bytes }
        let least = range.lowerBound > 1 ? " of at least \(ByteCount.text(range.lowerBound))" : ""
        let message = "\(section.full(key)) must be a size\(least) such as 512MiB or 4g, not \(node.kind)"
        diagnostics.error(message, at: node.position)
        return nil
    }

    private func readArgumentStyle(_ file: SectionReader) -> ArgumentStyle {
        guard let text = file.text("arguments"), let position = file.node("arguments")?.position else {
            return Self.defaultArgumentStyle
        }
        if let style = ArgumentStyle(rawValue: text) { return style }
        let known = ArgumentStyle.allCases.map(\.rawValue)
        let advice = suggestionText(for: text, among: known)
        let message = "arguments must be \(known.joined(separator: ", ")), not \(shown(text))\(advice)"
        diagnostics.error(message, at: position)
        return Self.defaultArgumentStyle
    }

    /// Names of metrics beside the objective, which may be among them.
    private func readMetrics(_ file: SectionReader, objective: Objective?) -> [String] {
        guard let node = file.node("metrics") else { return [] }
        guard case .list(let items) = node.content, items.count <= Self.maximumMetrics else {
            let message = "metrics must be a list of at most \(Self.maximumMetrics) names, not \(node.kind)"
            diagnostics.error(message, at: node.position)
            return []
        }
        var metrics: [String] = []
        for item in items {
            guard let metric = readMetric(file, item, "metrics") else { continue }
            if metrics.contains(metric) {
                diagnostics.error("the metric \(shown(metric)) is there twice", at: item.position)
            }
            metrics.append(metric)
        }
        return metrics.filter { $0 != objective?.metric }
    }

    /// Values for the command: single ones, or files in the form of an Azure job, of which the path counts.
    private func readInputs(_ file: SectionReader) -> [String: ParameterValue] {
        guard let section = file.mapping("inputs") else { return [:] }
        let reader = SpaceReader(diagnostics: diagnostics)
        var inputs: [String: ParameterValue] = [:]
        for entry in section.entries where reader.check(key: entry.key, at: entry.keyPosition) {
            var node = entry.value
            if case .mapping(let entries) = node.content {
                let name = "inputs.\(entry.key)"
                let file = SectionReader(
                    entries,
                    .input,
                    name: name,
                    position: node.position,
                    diagnostics: diagnostics
                )
                guard let path = file.required("path", "write the path, or the value itself instead of a mapping")
                else { continue }
                node = path
            }
            guard let scalar = node.scalar, StrictScalar(scalar) != .null, !scalar.text.utf8.contains(0) else {
                let message = "the input \(shown(entry.key)) must be a single value, not \(node.kind)"
                diagnostics.error(message, at: node.position)
                continue
            }
            inputs[entry.key] = reader.value(of: scalar, at: node.position)
        }
        return inputs
    }

    func readWorkingDirectory(_ file: SectionReader) -> String {
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

    func readEnvironment(_ file: SectionReader) -> [String: String] {
        guard let section = file.mapping("env") else { return [:] }
        return readVariables(file, section.entries, "env")
    }

    /// Variables of a process with their values; an empty value is an empty text, since there is no variable without one.
    func readVariables(_ section: SectionReader, _ entries: [FileEntry], _ key: String) -> [String: String] {
        for entry in entries where entry.key.isEmpty || entry.key.contains("=") || entry.key.utf8.contains(0) {
            diagnostics.error("\(shown(entry.key)) cannot name a variable", at: entry.keyPosition)
        }
        return section.texts(entries, key)
    }
}
