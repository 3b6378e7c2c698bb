import Execution
import ExperimentModel

/// The running experiments that a worker claims from, in turn, so that none starves.
struct ExperimentRotation: Sendable {
    /// What a worker needs to run trials of an experiment; it never changes.
    struct Entry: Sendable {
        var definition: ExperimentDefinition
        var command: CommandTemplate
    }

    private(set) var entries: [ExperimentID: Entry] = [:]
    private var order: [ExperimentID] = []
    private var next = 0
    /// Experiments whose command cannot be used, so that it is said once.
    private(set) var unusable: Set<ExperimentID> = []

    /// Takes in the experiments as they are now.
    /// - Returns: a message for each experiment that turns out to be unusable.
    mutating func update(_ experiments: [Experiment], allowed: [ExperimentID]) -> [String] {
        var complaints: [String] = []
        let running = experiments.filter { experiment in
            experiment.state == .running && experiment.ending == nil
                && (allowed.isEmpty || allowed.contains(experiment.id))
        }
        order = []
        for experiment in running where !unusable.contains(experiment.id) {
            do {
                if entries[experiment.id] == nil {
                    let definition = experiment.definition
                    let command = try CommandTemplate(definition.command, space: definition.searchSpace)
                    entries[experiment.id] = Entry(definition: definition, command: command)
                }
                order.append(experiment.id)
            } catch {
                unusable.insert(experiment.id)
                complaints.append("experiment \(experiment.id) is left to other workers: \(error)")
            }
        }
        let kept = Set(order)
        entries = entries.filter { kept.contains($0.key) }
        return complaints
    }

    /// The experiments to try, beginning after the one that was served last.
    func candidates() -> [ExperimentID] {
        guard !order.isEmpty else { return [] }
        let start = next % order.count
        return Array(order[start...] + order[..<start])
    }

    /// Says that an experiment was served, so that the next claim begins with another.
    mutating func served(_ id: ExperimentID) {
        if let index = order.firstIndex(of: id) { next = index + 1 }
    }
}
