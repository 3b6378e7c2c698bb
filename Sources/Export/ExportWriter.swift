import APIContract
import ExperimentFile
public import ExperimentModel
import OrderedCollections
import SearchSpace

/// Writes an experiment piece by piece, so that no more than a page of it is ever in memory.
///
/// Call ``begin(counts:best:)``, then ``trials(_:)`` for each page, then, for formats that hold them and if they are
/// wanted, ``beginObservations()`` and ``observations(_:)``, then ``end()``; the texts one after the other are the export.
public struct ExportWriter: Sendable {
    private let experiment: Experiment
    private let format: ExportFormat
    private let columns: TrialColumns
    /// Whether the list that is being written has an item already.
    private var hasItems = false

    /// A writer for one experiment.
    public init(_ experiment: Experiment, format: ExportFormat) {
        self.experiment = experiment
        self.format = format
        columns = TrialColumns(of: experiment.definition.searchSpace)
    }

    /// What comes before the first trial.
    public func begin(counts: [TrialState: Int], best: Trial?) -> String {
        switch format {
        case .csv: return CSVText.row(columns.header)
        case .jsonl: return ""
        case .json:
            // The definition is text already: its seed may be larger than any value that we have.
            let definition = ExperimentFile.json(of: experiment.definition)
            let head = ParameterValue.mapping(head(counts, best)).json.dropLast()
            return "{\"experiment\":\(head),\"definition\":\(definition)},\"trials\":["
        case .yaml:
            let definition = Self.indented(ExperimentFile.yaml(of: experiment.definition), by: 4)
            let head = Self.indented(ExperimentFile.yaml(entries: head(counts, best)), by: 2)
            return "experiment:\n\(head)  definition:\n\(definition)trials:"
        }
    }

    private func head(_ counts: [TrialState: Int], _ best: Trial?) -> Assignment {
        guard case .mapping(var head) = ExperimentView.json(experiment, counts: counts, best: best) else { return [:] }
        head["enqueued"] = .list(
            experiment.enqueued.map { point in
                ["point": .string(point.id), "labels": .mapping(point.values.values.mapValues(ParameterValue.init))]
            }
        )
        return head
    }

    /// The next trials.
    public mutating func trials(_ page: [Trial]) -> String {
        switch format {
        case .csv: page.map { CSVText.row(columns.row($0)) }.joined()
        case .jsonl: page.map { TrialView.json($0).json + "\n" }.joined()
        case .json, .yaml: items(page.map(TrialView.json))
        }
    }

    /// What comes between trials and reported values.
    public mutating func beginObservations() -> String {
        guard format.holdsObservations else { return "" }
        let end = endOfList
        hasItems = false
        return end + (format == .json ? ",\"observations\":[" : "observations:")
    }

    /// The next reported values.
    public mutating func observations(_ page: [Observation]) -> String {
        guard format.holdsObservations else { return "" }
        return items(page.map(ObservationView.json))
    }

    /// What comes last.
    public func end() -> String {
        switch format {
        case .csv, .jsonl: ""
        case .json: endOfList + "}\n"
        case .yaml: endOfList
        }
    }

    private mutating func items(_ items: [ParameterValue]) -> String {
        var text = ""
        for item in items {
            if format == .json {
                text += (hasItems ? "," : "") + item.json
            } else {
                text += (hasItems ? "" : "\n") + ExperimentFile.yaml(item: item)
            }
            hasItems = true
        }
        return text
    }

    private var endOfList: String {
        switch format {
        case .json: "]"
        case .yaml: hasItems ? "" : " []\n"
        case .csv, .jsonl: ""
        }
    }

    private static func indented(_ text: String, by count: Int) -> String {
        let margin = String(repeating: " ", count: count)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        return lines.map { ($0.isEmpty ? "" : margin + $0) + "\n" }.joined()
    }
}
