import BSON
import ExperimentModel
import MongoClient

/// The three writes of a trial without anything around them, on documents with the fields that the store writes.
struct RawTrial: Sendable {
    let experiment: String
    let number: Int
    let identifier: BSONObjectID

    init?(experiment: String, number: Int) {
        // Any second and any five bytes: the collection is the measurement's own.
        guard let identifier = BSONObjectID(seconds: 1, maker: [0, 0, 0, 0, 0], counter: UInt32(clamping: number))
        else {
            return nil
        }
        self.experiment = experiment
        self.number = number
        self.identifier = identifier
    }

    /// The document of a new trial, as `MongoTrialStore` makes it for the space of ``InstantTrials``.
    var document: BSONDocument {
        let tid = BSONValue.int(number)
        let (x, y) = (BSONValue.double(0.123_456_789), BSONValue.double(0.000_987_654_321))
        return [
            "_id": .objectID(identifier),
            "tid": tid,
            "exp_key": .string(experiment),
            "state": .int(TrialState.new.rawValue),
            "owner": [],
            "version": 0,
            "book_time": nil,
            "refresh_time": nil,
            "spec": nil,
            "result": ["status": "new"],
            "misc": [
                "tid": tid, "cmd": ["hyper"], "workdir": nil,
                "idxs": ["x": [tid], "y": [tid]], "vals": ["x": [x], "y": [y]],
            ],
            "assignment": ["x": x, "y": y],
            "attempt": 0,
            "attempts": [],
            "charges": [:],
            "lease_until": nil,
            "not_before": nil,
            "order": nil,
            "cause": nil,
            "created_at": .date(BSONDate(millisecondsSince1970: 0)),
            "finished_at": nil,
        ]
    }

    /// Which trial a claim takes: the first that is new and due.
    static func claimFilter(experiment: String) -> BSONDocument {
        [
            "exp_key": .string(experiment), "state": .int(TrialState.new.rawValue),
            "$expr": ["$lte": ["$not_before", "$$NOW"]],
        ]
    }

    /// What a claim changes: a pipeline, by the server's clock.
    static func claim(worker: String) -> MongoUpdate {
        let name: BSONValue = ["$literal": .string(worker)]
        let attempt: BSONValue = ["$add": ["$attempt", 1]]
        let record: BSONValue = ["attempt": attempt, "worker": name, "host": name, "claimed_at": "$$NOW"]
        return [
            [
                "$set": [
                    "state": .int(TrialState.running.rawValue),
                    "owner": [name],
                    "attempt": attempt,
                    "version": ["$add": ["$version", 1]],
                    "book_time": "$$NOW",
                    "refresh_time": "$$NOW",
                    "lease_until": ["$add": ["$$NOW", 30_000]],
                    "not_before": nil,
                    "order": nil,
                    "attempts": ["$concatArrays": ["$attempts", [record]]],
                ]
            ]
        ]
    }

    /// The fence of a result.
    static func fence(_ claimed: BSONDocument, worker: String) -> BSONDocument {
        [
            "_id": claimed["_id"] ?? .null, "owner": .string(worker), "attempt": claimed["attempt"] ?? .null,
            "state": .int(TrialState.running.rawValue), "order": nil,
        ]
    }

    /// What a result changes.
    static let result: MongoUpdate = [
        "$set": [
            "lease_until": nil, "attempts.0.cause": "succeeded", "attempts.0.value": 0.5, "cause": "succeeded",
            "state": .int(TrialState.done.rawValue), "result": ["status": "ok", "loss": 0.5, "value": 0.5],
        ],
        "$inc": ["version": 1],
        "$currentDate": ["refresh_time": true, "attempts.0.ended_at": true, "finished_at": true],
    ]
}
