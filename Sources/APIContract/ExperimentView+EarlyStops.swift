public import ExperimentModel
import OrderedCollections
public import SearchSpace

extension ExperimentView {
    /// What `status --json` and `watch --json` add: the policies and how many trials they stopped.
    /// - Parameter plain: an experiment as another function here made it of the same one.
    public static func adding(
        stopped: Int,
        _ policies: [PolicySpecification],
        to plain: ParameterValue
    ) -> ParameterValue {
        guard case .mapping(var fields) = plain else { return plain }
        fields["early_termination"] = .list(policies.map { .mapping($0.settings(isComplete: true)) })
        fields["stopped_early"] = .integer(Int64(stopped))
        return .mapping(fields)
    }
}

extension TrialView {
    /// A decision to stop a trial, or null.
    static func stop(_ stop: EarlyStop?) -> ParameterValue {
        guard let stop else { return .null }
        return [
            "attempt": .integer(Int64(stop.attempt)),
            "interval": .integer(Int64(stop.interval)),
            "policy": .string(stop.policy.rawValue),
            "value": number(stop.value),
            "threshold": number(stop.threshold),
            "message": .string(stop.message),
            "decided_at": stop.decidedAt.json,
        ]
    }

    /// JSON has no NaN and infinities: they are null.
    private static func number(_ value: Double?) -> ParameterValue {
        value.flatMap { $0.isFinite ? .double($0) : nil } ?? .null
    }
}
