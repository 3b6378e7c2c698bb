/// Why a worker does not claim trials of an experiment.
public enum WorkerObstacle: Sendable, Hashable {
    /// It has been told to leave.
    case leaving
    /// It serves other experiments only.
    case servesOthers
    /// It lacks labels that the experiment requires: these.
    case labels([String: String])
    /// It lacks secrets that the experiment names: these.
    case secrets([String])
    /// The experiment names a container image, and it has neither an engine nor leave to go without.
    case noContainerEngine
}

extension Worker {
    /// What keeps it from claiming a trial of an experiment when a slot is free; `nil`: nothing.
    public func obstacle(to experiment: ExperimentID, _ definition: ExperimentDefinition) -> WorkerObstacle? {
        if isLeaving { return .leaving }
        guard experiments.isEmpty || experiments.contains(experiment) else { return .servesOthers }
        let missing = definition.requiredLabels.filter { labels[$0.key] != $0.value }
        guard missing.isEmpty else { return .labels(missing) }
        if definition.container != nil, runtime == nil { return .noContainerEngine }
        let unknown = definition.secretNames.filter { !secrets.contains($0) }
        return unknown.isEmpty ? nil : .secrets(unknown)
    }

    /// Whether it would claim a trial of an experiment if a slot were free.
    public func serves(_ experiment: Experiment) -> Bool { obstacle(to: experiment.id, experiment.definition) == nil }
}
