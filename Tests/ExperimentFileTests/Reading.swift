import ExperimentFile
import ExperimentModel
import SearchSpace

/// Reads texts as the file `search.yaml` in `/home/user/digits`.
enum Reading {
    /// The rest of a good file, around a search space and perhaps more.
    static let frame = """
        command: [python3, train.py]
        objective: {metric: loss, goal: minimize}
        limits: {max_trials: 3}

        """

    static func result(_ text: String) throws -> ExperimentFile.Result {
        try ExperimentFile.read(text: text, fileName: "search.yaml", directory: "/home/user/digits", defaultSeed: 99)
    }

    static func definition(_ text: String) throws -> ExperimentDefinition { try result(text).definition }

    /// The lines of all mistakes and warnings.
    static func messages(_ text: String) -> [String] {
        do throws(ExperimentFileErrors) {
            let result = try ExperimentFile.read(
                text: text,
                fileName: "search.yaml",
                directory: "/home/user/digits",
                defaultSeed: 99
            )
            return result.warnings.map(\.description)
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    /// The space of a parameter `x` given as YAML on one line.
    static func parameter(_ yaml: String) throws -> SearchSpace {
        try definition(frame + "search_space:\n  x: \(yaml)\n").searchSpace
    }

    /// What is said about a parameter `x`, which stands at line 5, column 6.
    static func messages(parameter yaml: String) -> [String] {
        messages(frame + "search_space:\n  x: \(yaml)\n").map { $0.replacing("search.yaml:", with: "") }
    }
}
