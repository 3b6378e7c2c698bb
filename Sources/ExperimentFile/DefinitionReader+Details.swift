import ExperimentModel
import SearchSpace

/// The keys of a definition that may all be missing.
struct DefinitionDetails {
    var retries: RetryLimits
    var workingDirectory: String
    var environment: [String: String]
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
        return DefinitionDetails(
            retries: readRetries(file),
            workingDirectory: readWorkingDirectory(file),
            environment: readEnvironment(file),
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

    private func readTags(_ file: SectionReader) -> [String: String] {
        guard let section = file.mapping("tags") else { return [:] }
        var tags: [String: String] = [:]
        for entry in section.entries {
            if entry.key.isEmpty || entry.key.utf8.contains(0) {
                diagnostics.error("\(shown(entry.key)) cannot name a tag", at: entry.keyPosition)
            }
            if let scalar = entry.value.scalar, scalar.text.isEmpty {
                tags[entry.key] = ""
            } else {
                tags[entry.key] = file.text(of: entry.value, "tags.\(entry.key)")
            }
        }
        return tags
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
