import BSON
import ExperimentModel

/// A reported value as a document of `observations`.
enum ObservationDocument {
    /// An empty timestamp, which the server replaces by its own when it inserts the document: they are unique and grow.
    private static let nextPosition = BSONValue.timestamp(seconds: 0, increment: 0)

    /// The document of an observation; the server gives it a position if policies look at it.
    static func make(_ observation: Observation) -> BSONDocument {
        var fields: [(String, BSONValue)] = [
            ("experiment", .string(observation.trial.experiment.rawValue)),
            ("trial", .int(observation.trial.number)),
            ("attempt", .int(observation.attempt)),
            ("seq", .int(observation.sequence)),
            ("metric", .string(observation.metric)),
            ("step", .int64(observation.step)),
            ("value", .double(observation.value)),
        ]
        if let interval = observation.interval { fields += [("interval", .int(interval)), ("at", nextPosition)] }
        return BSONDocument(recordingFailureOf: fields)
    }

    /// Reads a document.
    static func read(_ document: BSONDocument, of trial: TrialID) throws -> Observation {
        Observation(
            trial: trial,
            attempt: try document.require("attempt").int,
            sequence: try document.require("seq").int,
            metric: try document.require("metric").string,
            step: try document.require("step").int64,
            value: try document.require("value").double,
            interval: document["interval"]?.asInt
        )
    }

    /// The report as policies see it; `nil` when this is none that they look at.
    static func report(_ document: BSONDocument) throws -> ObjectiveReport? {
        guard let interval = document["interval"]?.asInt, let position = document["at"]?.position else { return nil }
        return ObjectiveReport(
            trial: try document.require("trial").int,
            attempt: try document.require("attempt").int,
            interval: interval,
            value: try document.require("value").double,
            position: position
        )
    }
}

extension ReportPosition {
    /// As it is stored.
    var bson: BSONValue {
        .timestamp(
            seconds: UInt32(truncatingIfNeeded: rawValue >> 32),
            increment: UInt32(truncatingIfNeeded: rawValue)
        )
    }
}

extension BSONValue {
    /// A timestamp as the place of a report: seconds above, the count within the second below.
    fileprivate var position: ReportPosition? {
        guard case .timestamp(let seconds, let increment) = self else { return nil }
        return ReportPosition(UInt64(seconds) << 32 | UInt64(increment))
    }
}
