import BSON
import Coordination
public import ExperimentModel
import Logging
import MongoClient

extension MongoTrialStore {
    /// Keeps an event, once. Best effort: the change that it tells of stands, so a failure is logged and no more.
    func note(_ noted: NotedEvent?) async {
        guard let noted else { return }
        var fields: [(String, BSONValue)] = [
            ("experiment", .literal(.string(noted.experiment.rawValue))),
            ("kind", .literal(.string(noted.kind.rawValue))),
            // The first time stands, however often it is told.
            ("at", ["$ifNull": ["$at", noted.at.map { .literal($0.bson) } ?? "$$NOW"]]),
        ]
        if let trial = noted.trial { fields.append(("trial", .int(trial))) }
        if let worker = noted.worker { fields.append(("worker", .literal(.string(worker)))) }
        if let message = noted.message { fields.append(("message", .literal(.string(message)))) }
        do {
            _ = try await connection.updateOne(
                ["_id": .string("\(noted.experiment.rawValue):\(noted.key)")],
                [["$set": .document(BSONDocument(recordingFailureOf: fields))]],
                in: collection(Schema.events),
                upsert: true
            )
        } catch {
            logger.warning("the event \(noted.kind.rawValue) of \(noted.experiment) could not be kept: \(error)")
        }
    }

    /// See `TrialStore`.
    public func events(of experiment: ExperimentID, since: Timestamp?) async throws -> [ExperimentEvent] {
        var filter: [(String, BSONValue)] = [("experiment", .string(experiment.rawValue))]
        if let since { filter.append(("at", ["$gte": since.bson])) }
        return try await translating {
            let documents = try await connection.find(
                try BSONDocument(filter),
                // Newest first for the limit; turned round below.
                options: FindOptions(sort: ["at": -1], limit: NotedEvent.largestCount),
                in: collection(Schema.events)
            )
            return readable(documents.reversed(), "Event") { document in
                // A kind that only a newer version knows is left out.
                guard let kind = ExperimentEvent.Kind(rawValue: try document.require("kind").string),
                    let at = document["at"]?.timestamp
                else { return nil }
                return ExperimentEvent(
                    kind,
                    at: at,
                    trial: document["trial"]?.asInt,
                    worker: document["worker"]?.asString,
                    message: document["message"]?.asString
                )
            }
        }
    }
}
