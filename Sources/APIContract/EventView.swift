public import ExperimentModel
import OrderedCollections
public import SearchSpace

/// Events as `--json` shows them; `docs/schema.md` lists the fields.
public enum EventView {
    /// One event.
    public static func json(_ event: ExperimentEvent) -> ParameterValue {
        .mapping([
            "at": event.at.json,
            "kind": .string(event.kind.rawValue),
            "trial": event.trial.map { .integer(Int64($0)) } ?? .null,
            "attempt": event.attempt.map { .integer(Int64($0)) } ?? .null,
            "worker": event.worker.map(ParameterValue.string) ?? .null,
            "cause": event.cause.map { .string($0.rawValue) } ?? .null,
            "value": event.value.map(ParameterValue.double) ?? .null,
            "message": event.message.map(ParameterValue.string) ?? .null,
        ])
    }

    /// `{"events": […]}`
    public static func list(_ events: [ExperimentEvent]) -> ParameterValue {
        .mapping(["events": .list(events.map(json))])
    }
}
