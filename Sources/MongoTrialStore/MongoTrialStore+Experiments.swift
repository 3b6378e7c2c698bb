import BSON
public import Coordination
public import ExperimentModel
import Logging
import MongoClient

extension MongoTrialStore {
    static let unfinishedStates: BSONValue = .array(
        ExperimentState.allCases.filter { !$0.isTerminal }.map { .string($0.rawValue) }
    )

    /// Whether nobody's lead is running, by the server's clock. A missing date compares as the earliest.
    static let isLeadFree: BSONValue = ["$lte": [["$ifNull": ["$lead.lease_until", nil]], "$$NOW"]]

    /// See `TrialStore`.
    public func createExperiment(_ definition: ExperimentDefinition, id: ExperimentID) async throws -> Experiment {
        let experiment = Experiment(id: id, definition: definition, createdAt: try await now())
        return try await translating {
            let outcome = try await connection.insert([ExperimentDocument.make(experiment)], into: experimentDocuments)
            if outcome.duplicateKeyIndexes.isEmpty { return experiment }
            guard let known = try await self.experiment(id), known.definition == definition else {
                throw TrialStoreError.experimentExists(id)
            }
            return known
        }
    }

    /// See `TrialStore`.
    public func experiment(_ id: ExperimentID) async throws -> Experiment? {
        try await translating {
            try await connection.findOne(Self.key(id), in: experimentDocuments).map(ExperimentDocument.read)
        }
    }

    /// See `TrialStore`.
    public func experiments(_ query: ExperimentQuery) async throws -> [Experiment] {
        var filter: [(String, BSONValue)] = [Self.isNotDeleted]
        if let name = query.name { filter.append(("name", .string(name))) }
        if query.isUnfinishedOnly || query.isLeaderlessOnly {
            filter.append(("state", ["$in": Self.unfinishedStates]))
        }
        if query.isLeaderlessOnly { filter.append(("$expr", Self.isLeadFree)) }
        // Newest first for the limit; turned round below.
        let options = FindOptions(sort: ["created_at": -1, "_id": -1], limit: query.newest)
        let found = try await translating {
            try await connection.find(BSONDocument(filter), options: options, in: experimentDocuments)
        }
        return found.reversed().compactMap { document in
            do {
                return try ExperimentDocument.read(document)
            } catch {
                complain("\(error)")
                return nil
            }
        }
    }

    /// See `TrialStore`.
    public func requestEnd(of id: ExperimentID, _ ending: ExperimentEnding) async throws -> Experiment? {
        try await translating {
            let changed = try await connection.findAndModify(
                ["_id": .string(id.rawValue), "ending": nil, "state": ["$in": Self.unfinishedStates]],
                ["$set": ["ending": .document(try BSONEncoder().encode(ending))]],
                in: experimentDocuments
            )
            let result = if let changed { try ExperimentDocument.read(changed) } else { try await experiment(id) }
            await note(result.flatMap { .decided(ending, $0) })
            return result
        }
    }

    /// See `TrialStore`.
    public func setPaused(_ isPaused: Bool, experiment id: ExperimentID) async throws -> Experiment? {
        let states: BSONValue = isPaused ? ["$in": ["created", "running"]] : "paused"
        let stages: MongoUpdate
        if isPaused {
            stages = [["$set": ["state": "paused", "paused_at": "$$NOW"]]]
        } else {
            // Only pauses after the first claim count against nothing: `max_duration` begins there.
            let elapsed: BSONValue = [
                "$cond": [
                    ["$or": [["$eq": ["$started_at", nil]], ["$eq": ["$paused_at", nil]]]],
                    .int64(0),
                    ["$subtract": ["$$NOW", "$paused_at"]],
                ]
            ]
            stages = [
                [
                    "$set": [
                        "state": "running", "paused_at": nil, "paused_ms": ["$add": ["$paused_ms", elapsed]],
                    ]
                ]
            ]
        }
        return try await translating {
            let changed = try await connection.findAndModify(
                ["_id": .string(id.rawValue), "state": states],
                stages,
                in: experimentDocuments
            )
            let result = if let changed { try ExperimentDocument.read(changed) } else { try await experiment(id) }
            if isPaused {
                await note(result.flatMap { .paused($0) })
            } else if changed != nil {
                await note(.resumed(id, at: try await now()))
            }
            return result
        }
    }
}
