import BSON
import ExperimentModel

/// The decision of a policy in the document of its trial.
enum EarlyStopDocument {
    /// Longest message that is kept, in characters.
    private static let largestMessage = 2000

    /// The decision without its time, which the server adds.
    static func make(_ stop: EarlyStop) -> BSONDocument {
        [
            "attempt": .int(stop.attempt),
            "interval": .int(stop.interval),
            "policy": .string(stop.policy.rawValue),
            "value": .optional(stop.value),
            "threshold": .optional(stop.threshold),
            "message": .string(String(stop.message.prefix(largestMessage))),
        ]
    }

    /// Reads a decision; `nil` for one that cannot be read, such as that of a policy of a newer version: the trial is more
    /// than why it was stopped.
    static func read(_ document: BSONDocument) -> EarlyStop? {
        guard let attempt = document["attempt"]?.asInt, let interval = document["interval"]?.asInt,
            let policy = document["policy"]?.asString.flatMap(PolicySpecification.Kind.init)
        else { return nil }
        return EarlyStop(
            attempt: attempt,
            interval: interval,
            policy: policy,
            value: document["value"]?.asDouble,
            threshold: document["threshold"]?.asDouble,
            message: document["message"]?.asString ?? "",
            decidedAt: document["at"]?.timestamp
        )
    }
}

extension BSONValue {
    fileprivate static func optional(_ number: Double?) -> BSONValue { number.map(BSONValue.double) ?? .null }
}
