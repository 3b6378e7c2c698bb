import ExperimentModel
import SearchSpace

/// A reported value as an export shows it.
enum ObservationView {
    /// One value; NaN and infinities, which no format has, are texts.
    static func json(_ observation: Observation) -> ParameterValue {
        let value = observation.value
        let shown: ParameterValue
        if value.isNaN {
            shown = "NaN"
        } else if value.isInfinite {
            shown = value < 0 ? "-Infinity" : "Infinity"
        } else {
            shown = .double(value)
        }
        return [
            "trial": .integer(Int64(observation.trial.number)), "attempt": .integer(Int64(observation.attempt)),
            "seq": .integer(Int64(observation.sequence)), "metric": .string(observation.metric),
            "step": .integer(observation.step), "value": shown,
        ]
    }
}
