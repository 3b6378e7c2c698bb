import BSON
public import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    /// Documents that one write deletes, so that each ends well within its time limit.
    static let deletionBatch = 500
    /// Trials whose reported values are measured by one query, for the same reason.
    static let measuredTrials = 256
    /// The same of output: the server reads all of it, 64 MiB an attempt at most.
    static let measuredLogs = 16

    /// Part of every filter that finds an experiment: one that is marked as deleted is gone.
    static let isNotDeleted: (String, BSONValue) = ("deleted_at", .null)

    /// Finds an experiment that is not marked as deleted.
    static func key(_ id: ExperimentID) -> BSONDocument { ["_id": .string(id.rawValue), "deleted_at": nil] }

    /// See `StoreUpkeep`.
    public func trials(of experiment: ExperimentID, after number: Int, limit: Int) async throws -> [Trial] {
        guard limit > 0 else { return [] }
        return try await translating {
            try await connection.find(
                ["exp_key": .string(experiment.rawValue), "tid": ["$gt": .int(number)]],
                options: FindOptions(sort: ["tid": 1], limit: limit),
                in: jobs
            ).map(TrialDocument.read)
        }
    }

    /// See `StoreUpkeep`.
    ///
    /// Raising epoch and revision takes the ground from under every write that was prepared on the living experiment, and
    /// without an ending no program, however old, reopens it.
    public func markDeleted(_ experiment: Experiment) async throws -> Bool {
        try await translating {
            let marked = try await connection.findAndModify(
                [
                    "_id": .string(experiment.id.rawValue),
                    "deleted_at": nil,
                    "state": ["$nin": Self.unfinishedStates],
                    "revision": Self.revisionFilter(experiment.revision),
                ],
                [
                    [
                        "$set": [
                            "deleted_at": "$$NOW",
                            "epoch": ["$add": ["$epoch", 1]],
                            "revision": ["$add": [["$ifNull": ["$revision", 0]], 1]],
                            "lead": nil,
                            "ending": nil,
                        ]
                    ]
                ],
                in: experimentDocuments
            )
            if marked != nil { return true }
            return try await connection.findOne(Self.deletedKey(experiment.id), in: experimentDocuments) != nil
        }
    }

    private static func deletedKey(_ id: ExperimentID) -> BSONDocument {
        ["_id": .string(id.rawValue), "deleted_at": ["$ne": nil]]
    }

    /// Collections with records of experiments, in the order in which they are deleted, with the field that names the
    /// experiment. The trials come last, so that what is left can still be counted.
    private var recordCollections: [(place: Namespace, field: String)] {
        [
            (collection(Schema.observations), "experiment"), (collection(Schema.logs), "experiment"),
            (collection(Schema.events), "experiment"), (jobs, "exp_key"),
        ]
    }

    /// See `StoreUpkeep`.
    public func purge(_ id: ExperimentID) async throws {
        try await translating {
            if try await connection.findOne(Self.key(id), in: experimentDocuments) != nil {
                throw TrialStoreError.notMarkedAsDeleted(id)
            }
            let isMarked = try await connection.findOne(Self.deletedKey(id), in: experimentDocuments) != nil
            if !isMarked, try await !mayBeLeftover(id) { throw TrialStoreError.notLeftByDeletion(id) }
            try await removeFiles(matching: Self.artifacts(of: id))
            for (place, field) in recordCollections {
                try await deleteAll(try BSONDocument([(field, .string(id.rawValue))]), in: place)
            }
            _ = try await connection.deleteOne(Self.deletedKey(id), in: experimentDocuments)
        }
    }

    /// Deletes every document that matches, a batch at a time.
    func deleteAll(_ filter: BSONDocument, in place: Namespace) async throws {
        let options = FindOptions(projection: ["_id": 1], limit: Self.deletionBatch)
        while true {
            let ids = try await connection.find(filter, options: options, in: place).compactMap { $0["_id"] }
            if ids.isEmpty { return }
            _ = try await connection.deleteMany(["_id": ["$in": .array(ids)]], in: place)
            if ids.count < Self.deletionBatch { return }
        }
    }

    /// Whether records without an experiment can be what a deletion left.
    private func mayBeLeftover(_ id: ExperimentID) async throws -> Bool {
        guard id.isOurs else { return false }
        // A stale leader may still have made trials; nobody has tried them.
        let tried: BSONDocument = ["exp_key": .string(id.rawValue), "attempt": ["$ne": 0]]
        return try await connection.findOne(tried, options: FindOptions(projection: ["_id": 1]), in: jobs) == nil
    }

    /// See `StoreUpkeep`.
    public func leftovers() async throws -> [ExperimentID] {
        try await translating {
            // Records first: an experiment is always stored before its records, so one that is made meanwhile is no leftover.
            var named: Set<String> = []
            for (place, field) in recordCollections {
                named.formUnion(try await distinct(field, in: place, [:]).compactMap(\.asString))
            }
            let owners = try await distinct("metadata.experiment", in: collection(Schema.files), Self.anyArtifact)
            named.formUnion(owners.compactMap(\.asString))
            let documents = try await connection.find(
                [:],
                options: FindOptions(projection: ["deleted_at": 1]),
                in: experimentDocuments
            )
            var marked: [ExperimentID] = []
            for document in documents {
                guard let id = document["_id"]?.asString else { continue }
                named.remove(id)
                if document["deleted_at"]?.asDate != nil { marked.append(ExperimentID(id)) }
            }
            var orphans: [ExperimentID] = []
            for id in named.map({ ExperimentID($0) }) where try await mayBeLeftover(id) { orphans.append(id) }
            return (marked + orphans).sorted()
        }
    }

    func distinct(_ field: String, in place: Namespace, _ filter: BSONDocument) async throws -> [BSONValue] {
        let reply = try await connection.readCommand(
            [
                "distinct": .string(place.collection), "key": .string(field), "query": .document(filter),
                "maxTimeMS": .int64(Self.longestDistinct.wholeMilliseconds),
            ],
            on: place.database
        )
        return try reply.require("values").array
    }

    /// How long the server may look for the different values of an indexed field.
    private static let longestDistinct: Duration = .seconds(20)

    /// See `StoreUpkeep`.
    public func records(of id: ExperimentID) async throws -> StoredRecords {
        try await translating {
            var found = StoredRecords()
            found.trials = try await connection.countDocuments(["exp_key": .string(id.rawValue)], in: jobs)
            found.logBytes = try await logBytes(of: id)
            try await measure(collection(Schema.observations), of: id, Self.measuredTrials, []) {
                found.otherBytes += $1
            }
            for (place, field) in [(jobs, "exp_key"), (collection(Schema.events), "experiment")] {
                let sums = try await connection.aggregate(
                    [
                        ["$match": .document(try BSONDocument([(field, .string(id.rawValue))]))],
                        ["$group": ["_id": nil, "bytes": ["$sum": ["$bsonSize": "$$ROOT"]]]],
                    ],
                    in: place
                )
                found.otherBytes += sums.first?["bytes"]?.asInt64 ?? 0
            }
            let files = try await connection.aggregate(
                [
                    ["$match": .document(Self.artifacts(of: id))],
                    ["$group": ["_id": nil, "bytes": ["$sum": "$length"]]],
                ],
                in: collection(Schema.files)
            )
            found.artifactBytes = files.first?["bytes"]?.asInt64 ?? 0
            return found
        }
    }

    /// See `StoreUpkeep`.
    public func logBytes(of id: ExperimentID) async throws -> [Int: Int64] {
        var bytes: [Int: Int64] = [:]
        try await translating {
            try await measure(collection(Schema.logs), of: id, Self.measuredLogs, [("removed_at", .null)]) {
                bytes[$0, default: 0] += $1
            }
        }
        return bytes
    }

    /// Sums up the sizes of documents by trial, a range of trials at a time.
    private func measure(
        _ place: Namespace,
        of id: ExperimentID,
        _ count: Int,
        _ condition: [(String, BSONValue)],
        _ add: (_ trial: Int, _ bytes: Int64) -> Void
    ) async throws {
        let name = BSONValue.string(id.rawValue)
        let range = FindOptions(sort: ["trial": 1], projection: ["trial": 1])
        var next = 0
        // The next trial that has any, so that gaps cost nothing.
        while let first = try await connection.findOne(
            ["experiment": name, "trial": ["$gte": .int(next)]],
            options: range,
            in: place
        )?["trial"]?.asInt {
            next = first + count
            let filter: [(String, BSONValue)] = [
                ("experiment", name), ("trial", ["$gte": .int(first), "$lt": .int(next)]),
            ]
            let sums = try await connection.aggregate(
                [
                    ["$match": .document(try BSONDocument(filter + condition))],
                    ["$group": ["_id": "$trial", "bytes": ["$sum": ["$bsonSize": "$$ROOT"]]]],
                ],
                in: place
            )
            for sum in sums {
                if let trial = sum["_id"]?.asInt, let bytes = sum["bytes"]?.asInt64 { add(trial, bytes) }
            }
        }
    }

    /// See `StoreUpkeep`.
    ///
    /// The note comes first and takes the place of the first piece; what a crash leaves behind it is still there to be removed.
    public func removeLogs(of trial: TrialID, through attempt: Int, leaving note: String) async throws {
        try await translating {
            let logs = collection(Schema.logs)
            let owner: [(String, BSONValue)] = [
                ("experiment", .string(trial.experiment.rawValue)), ("trial", .int(trial.number)),
            ]
            let remaining: [(String, BSONValue)] =
                owner + [("attempt", ["$lte": .int(attempt)]), ("removed_at", .null)]
            for number in try await distinct("attempt", in: logs, try BSONDocument(remaining)).compactMap(\.asInt) {
                let first: [(String, BSONValue)] =
                    owner + [("attempt", .int(number)), ("stream", "stderr"), ("seq", .int(0))]
                let isNoted = try await connection.findOne(
                    try BSONDocument(first + [("removed_at", ["$ne": nil])]),
                    in: logs
                )
                if isNoted == nil {
                    _ = try await connection.updateOne(
                        try BSONDocument(first),
                        [
                            "$set": ["data": .binary(Array(note.utf8))],
                            "$currentDate": ["removed_at": true],
                        ],
                        in: logs,
                        upsert: true
                    )
                }
                try await deleteAll(
                    try BSONDocument(owner + [("attempt", .int(number)), ("removed_at", .null)]),
                    in: logs
                )
            }
        }
    }
}
