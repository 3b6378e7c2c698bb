import Coordination
import ExperimentModel
public import Inspection
import OrderedCollections
public import SearchSpace

/// Workers as `--json` shows them; `docs/schema.md` lists the fields.
public enum WorkerView {
    /// One worker with what it runs.
    public static func json(_ overview: WorkerOverview) -> ParameterValue {
        let worker = overview.worker
        return .mapping([
            "worker": .string(worker.id.rawValue),
            "host": .string(worker.host),
            "pid": .integer(Int64(worker.processID)),
            "state": .string(overview.state.rawValue),
            "slots": .integer(Int64(worker.slots)),
            "busy": .integer(Int64(overview.running.count)),
            "trials": .list(overview.running.map(trial)),
            "experiments": .list(worker.experiments.map { .string($0.rawValue) }),
            "labels": .mapping(
                Assignment(
                    uniqueKeysWithValues: worker.labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }
                )
            ),
            "runtime": worker.runtime.map { .string($0.rawValue) } ?? .null,
            "gpus": .list(worker.gpus.map { .string($0) }),
            "version": .string(worker.version),
            "last_seen": worker.lastSeen.json,
            "silent_seconds": .double(Double(overview.silence.wholeMilliseconds) / 1000),
        ])
    }

    /// `{"workers": […]}`
    public static func list(_ workers: [WorkerOverview]) -> ParameterValue {
        .mapping(["workers": .list(workers.map(json))])
    }

    private static func trial(_ trial: RunningTrial) -> ParameterValue {
        .mapping([
            "experiment": .string(trial.id.experiment.rawValue),
            "trial": .integer(Int64(trial.id.number)),
            "attempt": .integer(Int64(trial.attempt)),
            "claimed_at": trial.claimedAt.json,
        ])
    }
}
