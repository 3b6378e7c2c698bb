import BSON
import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    /// See `TrialStore`.
    public func observations(
        of trial: TrialID,
        attempt: Int,
        metric: String,
        after: Int?,
        limit: Int
    ) async throws -> [Observation] {
        // A limit of 0 would mean none to MongoDB.
        guard limit > 0 else { return [] }
        return try await translating {
            try await connection.find(
                [
                    "experiment": .string(trial.experiment.rawValue), "trial": .int(trial.number),
                    "attempt": .int(attempt), "seq": ["$gt": .int(after ?? -1)], "metric": .string(metric),
                ],
                options: FindOptions(sort: ["seq": 1], limit: limit),
                in: collection(Schema.observations)
            ).map { try Self.observation($0, of: trial) }
        }
    }

    /// See `TrialStore`.
    public func stoppedCount(of experiment: ExperimentID) async throws -> Int {
        try await translating {
            let stopped = Self.inState(.done, of: experiment) + [("cause", .string(TrialCause.stoppedEarly.rawValue))]
            let counted = try await connection.aggregate(
                [["$match": .document(try BSONDocument(stopped))], ["$count": "count"]],
                in: jobs
            )
            return counted.first?["count"]?.asInt ?? 0
        }
    }
}
