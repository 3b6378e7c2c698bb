import BSON
import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    /// See `TrialStore`.
    public func recentObservations(
        of trial: TrialID,
        attempt: Int,
        metric: String,
        count: Int
    ) async throws -> [Observation] {
        // A limit of 0 would mean none to MongoDB.
        guard count > 0 else { return [] }
        return try await translating {
            try await connection.find(
                [
                    "experiment": .string(trial.experiment.rawValue), "trial": .int(trial.number),
                    "attempt": .int(attempt), "metric": .string(metric),
                ],
                options: FindOptions(sort: ["seq": -1], limit: count),
                in: collection(Schema.observations)
            ).map { try Self.observation($0, of: trial) }.reversed()
        }
    }
}
