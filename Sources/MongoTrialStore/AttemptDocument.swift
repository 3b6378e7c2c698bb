import BSON
import ExperimentModel

/// One attempt inside a trial's document.
enum AttemptDocument {
    /// Reads one element of `attempts`.
    static func read(_ document: BSONDocument) throws -> TrialAttempt {
        var attempt = TrialAttempt(
            number: try document.require("attempt").int,
            worker: WorkerID(try document.require("worker").string),
            host: try document.require("host").string,
            claimedAt: document["claimed_at"]?.timestamp ?? Timestamp(milliseconds: 0)
        )
        attempt.endedAt = document["ended_at"]?.timestamp
        attempt.outcome = outcome(of: { document[$0] })
        return attempt
    }

    /// What became of an attempt, `nil` while it runs.
    /// - Parameter field: looks up a field of the attempt.
    static func outcome(of field: (String) -> BSONValue?) -> AttemptOutcome? {
        field("cause")?.asString.flatMap(TrialCause.init).map { cause in
            AttemptOutcome(
                cause: cause,
                value: field("value")?.asDouble,
                exitStatus: field("exit_status")?.asInt64.map { Int32(truncatingIfNeeded: $0) },
                signal: field("signal")?.asInt64.map { Int32(truncatingIfNeeded: $0) },
                message: field("message")?.asString,
                errorTail: field("error_tail")?.asString,
                arguments: field("argv")?.asArray?.compactMap(\.asString),
                image: field("image")?.asString
            )
        }
    }

    /// What is written into the attempt when it ends; the end's time is set by the server's clock.
    static func endFields(_ outcome: AttemptOutcome) -> [(String, BSONValue)] {
        var fields: [(String, BSONValue)] = [("cause", .string(outcome.cause.rawValue))]
        if let value = outcome.value { fields.append(("value", .double(value))) }
        if let status = outcome.exitStatus { fields.append(("exit_status", .int32(status))) }
        if let signal = outcome.signal { fields.append(("signal", .int32(signal))) }
        if let message = outcome.message { fields.append(("message", .string(message))) }
        if let tail = outcome.errorTail { fields.append(("error_tail", .string(tail))) }
        if let arguments = outcome.arguments {
            fields.append(("argv", .array(arguments.map(BSONValue.string))))
        }
        if let image = outcome.image { fields.append(("image", .string(image))) }
        return fields
    }
}
