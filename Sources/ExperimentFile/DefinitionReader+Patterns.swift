import ExperimentModel
import MetricPatterns
import SearchSpace

extension KeyTable {
    /// `metrics_pattern`.
    static let metricsPatternKey = FileKey(
        "metrics_pattern",
        .other("regular expression, or list of at most \(DefinitionReader.maximumPatterns)"),
        .value("[]"),
        "finds reports in output: a named group for each metric, or groups `name` and `value`, and `step` beside them",
        example: "'epoch (?P<step>\\d+) .* val_acc=(?P<accuracy>[\\d.]+)'"
    )
}

extension DefinitionReader {
    /// Patterns that a file may give.
    static let maximumPatterns = 16

    /// Patterns that find reports of the objective or of the other metrics.
    /// - Parameter objective: `nil` when it could not be read: then nothing is said of names.
    func readPatterns(_ file: SectionReader, metrics: [String], objective: Objective?) -> [String] {
        guard let node = file.node("metrics_pattern") else { return [] }
        var items = [node]
        if case .list(let list) = node.content { items = list }
        guard items.count <= Self.maximumPatterns else {
            let message = "metrics_pattern must be a regular expression or a list of at most \(Self.maximumPatterns)"
            diagnostics.error(message, at: node.position)
            return []
        }
        let known = objective.map { Set(metrics + [$0.metric]) }
        return items.compactMap { item in
            guard let text = file.text(of: item, "metrics_pattern"), let scalar = item.scalar else { return nil }
            let places = ScalarPlaces(scalar, at: item.position)
            do throws(MetricPatternError) {
                for group in try MetricPattern(text).metrics {
                    guard let known, !known.contains(group.name) else { continue }
                    let advice = suggestionText(for: group.name, among: known.sorted())
                    let message =
                        "the group \(shown(group.name)) of metrics_pattern is neither the objective nor one of metrics\(advice)"
                    diagnostics.error(message, at: places[group.offset])
                }
            } catch {
                diagnostics.error("metrics_pattern: \(error.message)", at: places[error.offset])
            }
            return text
        }
    }
}
