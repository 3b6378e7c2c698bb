import ExperimentModel
public import Inspection
import OrderedCollections
public import SearchSpace

extension ExperimentView {
    /// One experiment with who works on it and what happened last.
    public static func json(_ overview: ExperimentOverview) -> ParameterValue {
        let plain = json(
            overview.experiment,
            counts: overview.counts,
            best: overview.best,
            failures: overview.failures,
            delayed: overview.delayed
        )
        let policies = overview.experiment.definition.earlyTermination
        guard case .mapping(var fields) = adding(stopped: overview.stopped, policies, to: plain) else { return plain }
        fields["leader"] = leader(overview.lead)
        fields["workers"] = [
            "count": .integer(Int64(overview.workers.count)), "slots": .integer(Int64(overview.slots)),
        ]
        fields["running"] = .list(
            overview.running.map { trial in
                .mapping([
                    "trial": .integer(Int64(trial.id.number)),
                    "attempt": .integer(Int64(trial.attempt)),
                    "worker": trial.owner.map { .string($0.rawValue) } ?? .null,
                    "claimed_at": trial.attempts.last.map(\.claimedAt).json,
                    "curve": CurveView.json(overview.curves[trial.id.number], attempt: trial.attempt),
                ])
            }
        )
        fields["waiting"] = .list(overview.waiting.map { .string($0.text) })
        fields["waiting_points"] = .integer(Int64(overview.waitingPoints))
        fields["retrying"] = .list(overview.experiment.retrying.map { .integer(Int64($0)) })
        fields["events"] = .list(overview.events.map(EventView.json))
        return .mapping(fields)
    }
}
