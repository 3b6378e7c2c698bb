import CommandLineSupport
import Coordination
import Execution
import ExperimentModel
import Inspection
import OrderedCollections
import SearchSpace

/// What an experiment file means, in the words of a person.
struct DefinitionSummary {
    let definition: ExperimentDefinition
    /// Whether the file gives no seed, so that every experiment made of it draws one.
    let isSeedDrawn: Bool

    init(_ definition: ExperimentDefinition, isSeedDrawn: Bool) {
        self.definition = definition
        self.isSeedDrawn = isSeedDrawn
    }

    /// The summary, a line each.
    /// - Throws: what keeps the first trial from being made.
    var lines: [String] {
        get throws {
            var lines = ["experiment \(TextTable.printable(definition.name))"]
            if let text = definition.description {
                lines += text.split(separator: "\n").map { "  " + TextTable.printable(String($0)) }
            }
            lines.append("objective  \(objective)")
            let seed = isSeedDrawn ? "seed drawn for each run" : "seed \(definition.sampler.seed)"
            lines.append("sampler    \(definition.sampler.kind.rawValue), \(seed)")
            lines += stopping
            lines.append("space      \(size)")
            lines += parameters.map { "  " + $0 }
            lines.append("limits")
            lines += Text.limits(definition.limits).map { "  " + $0 }
            lines.append("retries    \(retries)")
            if let text = Text.withoutStore(definition) { lines.append("no store   \(text)") }
            if !definition.initial.isEmpty { lines.append("initial    \(initial)") }
            lines += places
            lines += try firstTrial
            return lines
        }
    }

    private var objective: String {
        let objective = definition.objective
        let rule = objective.valueRule == .best ? "its best report" : "its last report"
        return "\(objective.goal.rawValue) \(TextTable.printable(objective.metric)); a trial's value is \(rule)"
    }

    /// The policies, a sentence each; nothing without any.
    private var stopping: [String] {
        let objective = definition.objective
        let metric = TextTable.printable(objective.metric)
        return definition.earlyTermination.enumerated().map { index, policy in
            (index == 0 ? "stopping   " : "           ") + PolicyPhrase.sentence(policy, objective, metric: metric)
        }
    }

    private var size: String {
        let count = definition.searchSpace.parameters.count
        let parameters = "\(count) \(count == 1 ? "parameter" : "parameters")"
        return switch definition.searchSpace.cardinality {
        case .finite(let points): "\(parameters), \(points) \(points == 1 ? "point" : "points")"
        case .tooMany(let limit): "\(parameters), finite, more than \(limit) points"
        case .infinite: "\(parameters), infinitely many points"
        }
    }

    private var parameters: [String] {
        var table = TextTable(["LABEL", "TYPE", "VALUES", "WHEN"])
        for parameter in definition.searchSpace.parameters.values {
            table.add([
                parameter.label, parameter.domain.typeName, Self.values(of: parameter.domain),
                definition.searchSpace.activation(of: parameter.label) ?? "",
            ])
        }
        return table.lines
    }

    /// Characters of a list of options beyond which only their number is told.
    private static let longestOptions = 60

    /// The options of a short choice, and every other domain in words.
    private static func values(of domain: ParameterDomain) -> String {
        guard let options = domain.options else { return domain.summary }
        let texts = options.compactMap { $0.constantValue.map { $0.valueText ?? "null" } }
        let text = texts.joined(separator: " | ")
        return texts.count == options.count && text.count <= longestOptions ? text : domain.summary
    }

    private var retries: String {
        RetryLimits.retryableCauses.compactMap { cause in
            let allowed = definition.retries.allowed(for: cause)
            return allowed > 0 ? "\(cause.rawValue) \(allowed)" : nil
        }.joined(separator: ", ") + delay
    }

    private var delay: String {
        guard let seconds = definition.retries.firstDelaySeconds else { return "" }
        return seconds > 0 ? "; the first that waits after \(Text.duration(seconds))" : "; each at once"
    }

    private var initial: String {
        let count = definition.initial.count
        return "\(count) \(count == 1 ? "point is" : "points are") tried first"
    }

    /// Where trials run, and what of them is kept, when the file says something about it.
    private var places: [String] {
        var lines: [String] = []
        if !definition.requiredLabels.isEmpty {
            let labels = definition.requiredLabels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            lines.append("requires   workers with \(labels.joined(separator: ", "))")
        }
        if let container = definition.container { lines.append("container  \(PlacePhrase.container(container))") }
        if let workspace = definition.workspace { lines.append("workspace  \(PlacePhrase.workspace(workspace))") }
        let secrets = definition.secretNames
        if !secrets.isEmpty { lines.append("secrets    \(secrets.joined(separator: ", ")), which workers know") }
        if let rules = definition.artifacts {
            let exclude = rules.exclude.isEmpty ? "" : " but \(rules.exclude.joined(separator: ", "))"
            let files = rules.include == ArtifactRules.everything ? "all files" : rules.include.joined(separator: ", ")
            lines.append("artifacts  \(files)\(exclude), at most \(ByteCount.text(rules.maximumBytes)) of a trial")
        }
        return lines.map(TextTable.printable)
    }

    private var firstTrial: [String] {
        get throws {
            guard let trial = try FirstTrial.make(of: definition) else { return [] }
            let template = try CommandTemplate(definition)
            return [
                "trial 1    would run in \(TextTable.printable(PlacePhrase.directory(of: definition))):",
                "  " + TextTable.printable(try template.preview(trial.assignment)),
            ]
        }
    }
}
