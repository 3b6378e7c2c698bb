import BSON
public import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    /// Times that a wish is tried again when the experiment changed between reading and writing.
    private static let largestSteeringAttempts = 16
    /// An experiment's document takes no further points beyond this, far below MongoDB's 16 MB: a leader reads it often.
    static let largestExperimentBytes = 8 * 1024 * 1024

    /// A document of version 1 has no revision.
    static func revisionFilter(_ revision: Int) -> BSONValue {
        revision == 0 ? ["$in": [0, nil]] : .int(revision)
    }

    /// See `TrialStore`.
    public func replaceLimits(of id: ExperimentID, from old: Limits, to new: Limits) async throws -> Experiment? {
        try await translating {
            for _ in 0..<Self.largestSteeringAttempts {
                guard let known = try await experiment(id) else { return nil }
                guard known.limits == old, old != new else { return known }
                if known.isWindingDown { throw TrialStoreError.windingDown(id) }
                let fields = BSONValue.literal(.document(try BSONEncoder().encode(new)))
                guard let changed = try await steer(known, [("limits", fields)]) else { continue }
                await note(.limitsChanged(from: old, changed))
                return changed
            }
            throw TrialStoreError.unavailable("the limits of experiment \(id) met another change each time")
        }
    }

    /// Writes a wish, reopening a finished experiment, if nothing that matters has changed since it was read.
    private func steer(_ known: Experiment, _ fields: [(String, BSONValue)]) async throws -> Experiment? {
        let filter: BSONDocument = [
            "_id": .string(known.id.rawValue),
            "deleted_at": nil,
            "revision": Self.revisionFilter(known.revision),
            "state": known.state.isTerminal ? ["$nin": Self.unfinishedStates] : ["$in": Self.unfinishedStates],
            "ending": known.state.isTerminal ? ["$ne": nil] : nil,
        ]
        var changes = fields
        changes.append(("schema", .int(Schema.version)))
        changes.append(("revision", ["$add": [["$ifNull": ["$revision", 0]], 1]]))
        if known.state.isTerminal { changes += Self.reopening }
        let changed = try await connection.findAndModify(
            filter,
            [["$set": .document(try BSONDocument(changes))]],
            in: experimentDocuments
        ).map(ExperimentDocument.read)
        if known.state.isTerminal { await note(changed.flatMap { .reopened($0) }) }
        return changed
    }

    /// What `Experiment.reopen(at:)` does, by the server's clock.
    private static let reopening: [(String, BSONValue)] = {
        let stoodStillFrom: BSONValue = ["$ifNull": ["$paused_at", "$finished_at"]]
        let elapsed: BSONValue = [
            "$cond": [
                ["$or": [["$eq": ["$started_at", nil]], ["$eq": [stoodStillFrom, nil]]]],
                .int64(0),
                ["$max": [.int64(0), ["$subtract": ["$$NOW", stoodStillFrom]]]],
            ]
        ]
        return [
            ("state", "running"), ("ending", nil), ("paused_at", nil), ("finished_at", nil), ("reopened_at", "$$NOW"),
            ("paused_ms", ["$add": ["$paused_ms", elapsed]]),
        ]
    }()

    /// See `TrialStore`.
    public func enqueue(_ point: EnqueuedPoint, experiment id: ExperimentID) async throws -> Experiment? {
        try await translating {
            let changed = try await connection.findAndModify(
                [
                    "_id": .string(id.rawValue),
                    "deleted_at": nil,
                    "enqueued.id": ["$ne": .string(point.id)],
                    "enqueued.\(EnqueuedPoint.largestCount - 1)": ["$exists": false],
                    "$expr": ["$lt": [["$bsonSize": "$$ROOT"], .int(Self.largestExperimentBytes)]],
                ],
                [
                    "$push": ["enqueued": .document(try EnqueuedDocument.make(point))],
                    "$inc": ["revision": 1],
                    "$set": ["schema": .int(Schema.version)],
                ],
                in: experimentDocuments
            )
            if let changed {
                await note(.enqueued(point, id))
                return try ExperimentDocument.read(changed)
            }
            guard let known = try await experiment(id) else { return nil }
            guard known.enqueued.contains(where: { $0.id == point.id }) else {
                throw TrialStoreError.tooManyEnqueued(id, limit: EnqueuedPoint.largestCount)
            }
            return known
        }
    }

    /// See `TrialStore`.
    public func retryTrial(_ id: TrialID) async throws -> Trial? {
        try await translating {
            for _ in 0..<Self.largestSteeringAttempts {
                guard let trial = try await trials(of: id.experiment, .number(id.number)).first,
                    let document = try await connection.findOne(Self.key(id.experiment), in: experimentDocuments)
                else { return nil }
                if let wish = Self.wishes(in: document).first(where: { $0.number == id.number }) {
                    return try await carryOut(wish, id)
                }
                guard trial.isRetryable else { return trial }
                let known = try ExperimentDocument.read(document)
                if known.isWindingDown { throw TrialStoreError.windingDown(id.experiment) }
                let wish = RetryWish(number: id.number, version: trial.version)
                let wishes: BSONValue = ["$concatArrays": [["$ifNull": ["$retrying", []]], [wish.bson]]]
                guard try await steer(known, [("retrying", wishes)]) != nil else { continue }
                await note(.retryAsked(id, version: trial.version))
                return try await carryOut(wish, id)
            }
            throw TrialStoreError.unavailable("the retry of trial \(id) met another change each time")
        }
    }

    /// An element of `retrying`: which trial, and its version when it was asked for. Since carrying the wish out raises the
    /// version, a late repetition finds nothing to change.
    private struct RetryWish {
        var number: Int
        var version: Int

        var bson: BSONValue { ["tid": .int(number), "version": .int(version)] }
    }

    private static func wishes(in document: BSONDocument) -> [RetryWish] {
        (document["retrying"]?.asArray ?? []).compactMap { wish in
            guard let wish = wish.asDocument, let number = wish["tid"]?.asInt, let version = wish["version"]?.asInt
            else { return nil }
            return RetryWish(number: number, version: version)
        }
    }

    /// See `TrialStore`.
    public func carryOutRetries(of lead: Lead) async throws -> [Trial] {
        try await translating {
            try await checkFence(lead)
            guard let document = try await connection.findOne(Self.key(lead.id), in: experimentDocuments) else {
                return []
            }
            var trials: [Trial] = []
            for wish in Self.wishes(in: document) {
                let id = TrialID(experiment: lead.id, number: wish.number)
                if let trial = try await carryOut(wish, id) { trials.append(trial) }
            }
            return trials
        }
    }

    /// Makes the trial new, then forgets the wish; by the client that had it or by the leader, in any order and repetition.
    private func carryOut(_ wish: RetryWish, _ id: TrialID) async throws -> Trial? {
        let facts = try await facts(of: id.experiment)
        let ended: BSONValue = [.int(TrialState.failed.rawValue), .int(TrialState.cancelled.rawValue)]
        _ = try await connection.updateOne(
            [
                "_id": .objectID(try id.objectID(createdAt: facts.createdAt)),
                "version": .int(wish.version),
                "state": ["$in": ended],
            ],
            [
                "$set": [
                    "state": .int(TrialState.new.rawValue), "owner": [], "result": ["status": "new"], "book_time": nil,
                    "lease_until": nil, "not_before": nil, "order": nil, "early_stop": nil, "cause": nil,
                    "charges": [:], "finished_at": nil,
                ],
                "$unset": ["error": ""],
                "$inc": ["version": 1],
            ],
            in: jobs
        )
        _ = try await connection.updateOne(
            Self.key(id.experiment),
            ["$pull": ["retrying": wish.bson]],
            in: experimentDocuments
        )
        return try await trials(of: id.experiment, .number(id.number)).first
    }
}
