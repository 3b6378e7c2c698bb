public import ExperimentModel
import OrderedCollections
public import SearchSpace

extension ExperimentView {
    /// An experiment with what failed in it, what is repeated, and how often it may be.
    /// - Parameters:
    ///   - failures: causes of trials in state `error`, counted.
    ///   - delayed: new trials that wait for their next attempt.
    public static func json(
        _ experiment: Experiment,
        counts: [TrialState: Int],
        best: Trial?,
        failures: [TrialCause: Int],
        delayed: [Trial]
    ) -> ParameterValue {
        let plain = json(experiment, counts: counts, best: best)
        guard case .mapping(var fields) = plain else { return plain }
        fields["failures"] = causes(failures)
        fields["delayed"] = .list(
            delayed.map { trial in
                .mapping([
                    "trial": .integer(Int64(trial.id.number)),
                    "cause": trial.attempts.last?.outcome.map { .string($0.cause.rawValue) } ?? .null,
                    "charges": causes(trial.charges),
                    "not_before": trial.notBefore.json,
                ])
            }
        )
        let retries = experiment.definition.retries
        fields["retries"] = causes(
            Dictionary(uniqueKeysWithValues: RetryLimits.retryableCauses.map { ($0, retries.allowed(for: $0)) })
        )
        return .mapping(fields)
    }

    /// Numbers by cause, in the order of the causes' names.
    static func causes(_ numbers: [TrialCause: Int]) -> ParameterValue {
        let sorted = numbers.sorted { $0.key.rawValue < $1.key.rawValue }
        return .mapping(OrderedDictionary(uniqueKeysWithValues: sorted.map { ($0.rawValue, .integer(Int64($1))) }))
    }
}
