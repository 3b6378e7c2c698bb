import Coordination
import Execution
import ExperimentModel
import Logging

/// Trials that name a container: what this worker runs them in is found out when there are some, and said to the store then.
extension WorkerRuntime {
    /// After a search for an engine that found none, the next is made so much later at the earliest.
    static var runtimeSearchInterval: Duration { .seconds(60) }

    /// Looks for a container engine when an experiment of the rotation needs one.
    func findRuntimeIfNeeded() async {
        let needy = rotation.entries.values.filter { $0.experiment.definition.container != nil }
        guard !needy.isEmpty else { return }
        if worker.runtime == nil {
            if let next = nextRuntimeSearch, clock.now < next { return explain(needy.map(\.experiment)) }
            nextRuntimeSearch = clock.now.advanced(by: Self.runtimeSearchInterval)
            switch await executor.findRuntime() {
            case .runs(let runtime):
                worker.runtime = runtime
                // Tells the store, which the leader plans by.
                renewals.send()
            case .none(let reason): runtimeObstacle = reason
            }
        }
        explain(needy.map(\.experiment))
    }

    private func explain(_ experiments: [Experiment]) {
        for experiment in experiments.sorted(by: { $0.id < $1.id }) {
            switch worker.runtime {
            case nil:
                sayOnce(
                    "container of \(experiment.id)",
                    "experiment \(experiment.id) is left to other workers: its trials run in containers, and "
                        + (runtimeObstacle ?? "there is no engine")
                )
            case .process:
                sayOnce(
                    "container of \(experiment.id)",
                    "experiment \(experiment.id) names a container; its trials run as plain processes (--runtime process)"
                )
            case .docker, .podman: break
            }
        }
    }
}
