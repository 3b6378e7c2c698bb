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
}
