import Execution
import ExperimentModel

/// The running experiments that a worker claims from, as it last saw them, in turn by priority.
struct ExperimentRotation: Sendable {
    /// What a worker needs to run trials of an experiment.
    struct Entry: Sendable {
        /// As it was last seen: a person may change its limits.
        var experiment: Experiment
        /// Its command, which never changes.
        var command: CommandTemplate
    }

    private(set) var entries: [ExperimentID: Entry] = [:]
    private var schedule = PrioritySchedule()
    /// Unfinished experiments whose command cannot be used, so that it is said once.
    private(set) var unusable: Set<ExperimentID> = []

    /// Takes in the unfinished experiments as they are now; all others are forgotten, also to be taken up again when they
    /// are reopened.
    /// - Returns: a message for each experiment that turns out to be unusable.
    mutating func update(_ experiments: [Experiment], allowed: [ExperimentID]) -> [String] {
        var complaints: [String] = []
        let known = entries
        entries = [:]
        unusable.formIntersection(experiments.map(\.id))
        var members: [(id: ExperimentID, priority: Int)] = []
        for experiment in experiments where Self.isClaimable(experiment, allowed) {
            let id = experiment.id
            guard !unusable.contains(id) else { continue }
            do {
                let command = try known[id]?.command ?? CommandTemplate(experiment.definition)
                entries[id] = Entry(experiment: experiment, command: command)
                members.append((id, experiment.definition.priority))
            } catch {
                unusable.insert(id)
                complaints.append("experiment \(id) is left to other workers: \(error)")
            }
        }
        schedule.update(members)
        return complaints
    }

    /// The experiments to try, the one whose turn it is first.
    func candidates() -> [ExperimentID] { schedule.candidates() }

    /// Says that an experiment was served, so that the next claim begins with another.
    mutating func served(_ id: ExperimentID) { schedule.served(id) }

    private static func isClaimable(_ experiment: Experiment, _ allowed: [ExperimentID]) -> Bool {
        experiment.state == .running && experiment.ending == nil
            && (allowed.isEmpty || allowed.contains(experiment.id))
    }
}
