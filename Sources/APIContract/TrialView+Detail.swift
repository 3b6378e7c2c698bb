public import ExperimentModel
import OrderedCollections
public import SearchSpace

extension TrialView {
    /// One trial with everything that is kept of it: also what its attempts wrote last to standard error, and its last reports.
    public static func detail(_ trial: Trial, observations: [Observation]) -> ParameterValue {
        var fields = withErrorTails(trial)
        fields["observations"] = .list(
            observations.map { observation in
                .mapping([
                    "attempt": .integer(Int64(observation.attempt)),
                    "metric": .string(observation.metric),
                    "step": .integer(observation.step),
                    "value": number(observation.value),
                ])
            }
        )
        return .mapping(fields)
    }

    /// `{"trials": […]}` of dead letters, each attempt with what it wrote last to standard error.
    public static func deadLetters(_ trials: [Trial]) -> ParameterValue {
        .mapping(["trials": .list(trials.map { .mapping(withErrorTails($0)) })])
    }

    private static func withErrorTails(_ trial: Trial) -> OrderedDictionary<String, ParameterValue> {
        guard case .mapping(var fields) = json(trial) else { return [:] }
        fields["attempts"] = .list(
            trial.attempts.map { record in
                guard case .mapping(var attempt) = self.attempt(record) else { return .null }
                attempt["error_tail"] = record.outcome?.errorTail.map(ParameterValue.string) ?? .null
                return .mapping(attempt)
            }
        )
        return fields
    }

    /// JSON has no NaN and infinities: they are null.
    private static func number(_ value: Double) -> ParameterValue { value.isFinite ? .double(value) : .null }
}
