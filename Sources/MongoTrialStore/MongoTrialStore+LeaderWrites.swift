import BSON
public import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    static func inState(_ state: TrialState, of experiment: ExperimentID) -> [(String, BSONValue)] {
        [("exp_key", .string(experiment.rawValue)), ("state", .int(state.rawValue))]
    }

    /// Whether the lease has run out, by the server's clock.
    private static let hasExpired: BSONValue = ["$lte": ["$lease_until", "$$NOW"]]

    /// See `TrialStore`.
    @discardableResult
    public func insertTrials(_ trials: [Trial]) async throws -> Set<Int> {
        try await translating {
            var documents: [BSONDocument] = []
            for trial in trials {
                let facts = try await facts(of: trial.id.experiment)
                documents.append(
                    try TrialDocument.make(trial, space: facts.space, experimentCreatedAt: facts.createdAt)
                )
            }
            // Duplicate keys are trials that a predecessor inserted: they stand.
            let outcome = try await connection.insert(documents, into: jobs, ordered: false)
            return Set(outcome.duplicateKeyIndexes.map { trials[$0].id.number })
        }
    }

    /// See `TrialStore`.
    public func expireLeases(of lead: Lead, retries: RetryLimits) async throws -> [Trial] {
        try await translating {
            let running = Self.inState(.running, of: lead.id)
            let expired = try await connection.find(
                try BSONDocument(running + [("$expr", Self.hasExpired)]),
                in: jobs
            )
            if expired.isEmpty { return [] }
            try await checkFence(lead)
            var changed: [Trial] = []
            for document in expired {
                let trial = try TrialDocument.read(document)
                if let end = try await endLost(trial, retries: retries, Self.hasExpired) { changed.append(end) }
            }
            return changed
        }
    }

    /// See `TrialStore`.
    public func cancelNewTrials(of lead: Lead, only numbers: [Int]?) async throws -> [Trial] {
        try await translating {
            try await checkFence(lead)
            let wanted: [(String, BSONValue)] = numbers.map { [("tid", ["$in": .array($0.map { .int($0) })])] } ?? []
            let new = try BSONDocument(Self.inState(.new, of: lead.id) + wanted)
            let changing = try await connection.find(new, options: FindOptions(projection: ["tid": 1]), in: jobs)
                .compactMap { $0["tid"]?.asInt }
            _ = try await connection.updateMany(
                new,
                [
                    "$set": [
                        "state": .int(TrialState.cancelled.rawValue), "cause": .string(TrialCause.cancelled.rawValue),
                    ],
                    "$inc": ["version": 1],
                    "$currentDate": ["finished_at": true],
                ],
                in: jobs
            )
            return try await trials(of: lead.id, TrialQuery(states: [], orNumbers: changing))
        }
    }

    /// See `TrialStore`.
    public func orderRunningTrials(_ order: TrialOrder, of lead: Lead) async throws {
        try await translating {
            try await checkFence(lead)
            _ = try await connection.updateMany(
                try BSONDocument(Self.inState(.running, of: lead.id) + [("order", .null)]),
                ["$set": ["order": .string(order.rawValue)], "$inc": ["version": 1]],
                in: jobs
            )
        }
    }
}
