import BSON
public import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    /// See `TrialStore`. One write and one read, however many trials the worker holds.
    public func renewLeases(of worker: WorkerID, lease: Duration) async throws -> [HeldTrial] {
        try await translating {
            let held: BSONDocument = ["owner": .string(worker.rawValue), "state": .int(TrialState.running.rawValue)]
            // A renewal is no change that anyone waits for, so it leaves `version` alone.
            _ = try await connection.updateMany(
                held,
                [
                    [
                        "$set": [
                            "lease_until": ["$add": ["$$NOW", .int64(lease.wholeMilliseconds)]],
                            "refresh_time": "$$NOW",
                        ]
                    ]
                ],
                in: jobs
            )
            return try await connection.aggregate(Self.heldTrials(held), in: jobs).flatMap(Self.heldTrials)
        }
    }

    /// The trials of each experiment, beside the time-out that it has now.
    private static func heldTrials(_ held: BSONDocument) -> [BSONDocument] {
        // Documents of version 1 have no limits of their own.
        let timeout: BSONValue = [
            "$cond": [
                ["$eq": [["$type": "$limits"], "object"]], "$limits.trial_timeout",
                "$definition.limits.trial_timeout",
            ]
        ]
        return [
            ["$match": .document(held)],
            [
                "$group": [
                    "_id": "$exp_key",
                    "trials": ["$push": ["tid": "$tid", "attempt": "$attempt", "order": "$order"]],
                ]
            ],
            [
                "$lookup": [
                    "from": .string(Schema.experiments), "localField": "_id", "foreignField": "_id",
                    "pipeline": [["$project": ["timeout": timeout]]], "as": "experiment",
                ]
            ],
        ]
    }

    private static func heldTrials(_ group: BSONDocument) throws -> [HeldTrial] {
        let experiment = ExperimentID(try group.require("_id").string)
        let timeout = group["experiment"]?.asArray?.first?.asDocument?["timeout"]?.asDouble
        return try (group["trials"]?.asArray ?? []).compactMap(\.asDocument).map { trial in
            HeldTrial(
                id: TrialID(experiment: experiment, number: try trial.require("tid").int),
                attempt: try trial.require("attempt").int,
                order: trial["order"]?.asString.flatMap(TrialOrder.init),
                timeoutSeconds: timeout
            )
        }
    }
}
