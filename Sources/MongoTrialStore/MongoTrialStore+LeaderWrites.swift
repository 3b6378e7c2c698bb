import BSON
public import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    static func inState(_ state: TrialState, of experiment: ExperimentID) -> [(String, BSONValue)] {
        [("exp_key", .string(experiment.rawValue)), ("state", .int(state.rawValue))]
    }

    /// Whether the lease has run out, by the server's clock.
    private static func hasExpired(_ lead: Lead) -> BSONValue {
        let now: BSONValue = lead.leasesJudgedAt.map { ["$min": ["$$NOW", $0.bson]] } ?? "$$NOW"
        return ["$lte": ["$lease_until", now]]
    }

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
                try BSONDocument(running + [("$expr", Self.hasExpired(lead))]),
                in: jobs
            )
            if expired.isEmpty { return [] }
            try await checkFence(lead)
            var changed: [Trial] = []
            for document in expired {
                let trial = try TrialDocument.read(document)
                if let end = try await endLost(trial, retries: retries, Self.hasExpired(lead)) { changed.append(end) }
            }
            return changed
        }
    }
}
