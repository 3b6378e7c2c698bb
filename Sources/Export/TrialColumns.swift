import APIContract
import ExperimentModel
import OrderedCollections
import SearchSpace

/// The columns of a table of trials: what is known of each, then its parameters in the order of the search space.
struct TrialColumns {
    /// What every experiment's table begins with.
    static let fixed = [
        "trial", "state", "cause", "value", "attempts", "worker", "host", "created_at", "started_at", "finished_at",
        "seconds", "charges", "stopped_at", "stop_message",
    ]
    /// Stands before the name of a parameter that is called like another column.
    static let prefix = "params."

    /// Paths of parameters, keys of nested mappings joined by dots.
    let paths: [String]

    init(of space: SearchSpace) {
        var paths = OrderedSet<String>()
        for (key, node) in space.root { Self.collect(node, at: key, into: &paths) }
        self.paths = Array(paths)
    }

    /// The places at which some trial has a value that is no mapping with entries.
    private static func collect(_ node: SpaceNode, at path: String, into paths: inout OrderedSet<String>) {
        switch node {
        case .mapping(let entries) where !entries.isEmpty:
            for (key, inner) in entries { collect(inner, at: "\(path).\(key)", into: &paths) }
        case .constant(.mapping(let entries)) where !entries.isEmpty:
            for (key, value) in entries { collect(.constant(value), at: "\(path).\(key)", into: &paths) }
        case .parameter(let parameter):
            guard let options = parameter.domain.options else {
                paths.append(path)
                return
            }
            for option in options { collect(option, at: path, into: &paths) }
        case .constant, .mapping, .list: paths.append(path)
        }
    }

    /// The first row.
    var header: [String] {
        var taken = Set(Self.fixed)
        return Self.fixed
            + paths.map { path in
                var name = path
                while !taken.insert(name).inserted { name = Self.prefix + name }
                return CSVText.harmless(name)
            }
    }

    /// `failed:1 lost:2`: repeats that were charged.
    private static func charges(_ trial: Trial) -> String {
        let charges = trial.charges.filter { $0.value > 0 }.sorted { $0.key.rawValue < $1.key.rawValue }
        return charges.map { "\($0.key.rawValue):\($0.value)" }.joined(separator: " ")
    }

    /// The row of a trial; `worker` to `seconds` are those of its last attempt.
    func row(_ trial: Trial) -> [String] {
        let last = trial.attempts.last
        let seconds = last.flatMap { attempt in
            attempt.endedAt.map { Double(($0 - attempt.claimedAt).wholeMilliseconds) / 1000 }
        }
        let values = Dictionary(ParameterValue.flattened(trial.assignment).map { ($0.path, $0.value) }) { $1 }
        let fixed = [
            String(trial.id.number), trial.state.name, trial.cause?.rawValue ?? "",
            trial.value.map { ParameterValue.double($0).json } ?? "", String(trial.attempt),
            CSVText.harmless(last?.worker.rawValue ?? ""), CSVText.harmless(last?.host ?? ""), trial.createdAt.text,
            last?.claimedAt.text ?? "", trial.finishedAt?.text ?? "",
            seconds.map { ParameterValue.double($0).json } ?? "", Self.charges(trial),
            trial.endingStop.map { String($0.interval) } ?? "",
            trial.endingStop.map { CSVText.harmless($0.message) } ?? "",
        ]
        return fixed + paths.map { path in values[path].map(CSVText.cell) ?? "" }
    }
}
