import BSON
import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    /// See `TrialStore`.
    public func failureCauses(of experiment: ExperimentID) async throws -> [TrialCause: Int] {
        try await translating {
            let groups = try await connection.aggregate(
                [
                    ["$match": .document(try BSONDocument(Self.inState(.failed, of: experiment)))],
                    ["$group": ["_id": "$cause", "count": ["$sum": 1]]],
                ],
                in: jobs
            )
            var causes: [TrialCause: Int] = [:]
            for group in groups {
                // A cause that only a newer version knows is left out.
                guard let cause = group["_id"]?.asString.flatMap(TrialCause.init) else { continue }
                causes[cause] = group["count"]?.asInt
            }
            return causes
        }
    }

    /// See `WorkerStore`.
    public func timeToNextRepeat(of experiment: ExperimentID) async throws -> Duration? {
        try await translating {
            let waiting = try BSONDocument(Self.inState(.new, of: experiment) + [("not_before", ["$ne": nil])])
            let left: BSONValue = ["$subtract": ["$not_before", "$$NOW"]]
            let first = try await connection.aggregate(
                [
                    ["$match": .document(waiting)], ["$sort": ["not_before": 1]], ["$limit": 1],
                    ["$project": ["left": ["$max": [.int64(0), left]]]],
                ],
                in: jobs
            ).first
            return first?["left"]?.asInt64.map { .milliseconds($0) }
        }
    }
}
