import BSON
public import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    /// Whether a new trial is due, by the server's clock; null compares as the earliest.
    private static let isDue: BSONValue = ["$lte": ["$not_before", "$$NOW"]]
    /// Times that `finish` looks again when an order came between reading and writing.
    private static let largestFinishAttempts = 3

    /// See `TrialStore`.
    public func claimTrial(
        of experiment: ExperimentID,
        by worker: WorkerID,
        host: String,
        lease: Duration
    ) async throws -> Trial? {
        try await translating {
            try await connection.findAndModify(
                try Self.claimFilter(experiment),
                [["$set": .document(Self.claimFields(worker: worker, host: host, lease: lease))]],
                sort: ["tid": 1],
                in: jobs
            ).map(TrialDocument.read)
        }
    }

    static func claimFilter(_ experiment: ExperimentID) throws -> BSONDocument {
        try BSONDocument(inState(.new, of: experiment) + [("$expr", isDue)])
    }

    private static func claimFields(worker: WorkerID, host: String, lease: Duration) -> BSONDocument {
        let name = BSONValue.literal(.string(worker.rawValue))
        let attempt: BSONValue = ["$add": ["$attempt", 1]]
        let record: BSONValue = [
            "attempt": attempt, "worker": name, "host": .literal(.string(host)), "claimed_at": "$$NOW",
        ]
        return [
            "state": .int(TrialState.running.rawValue),
            "owner": [name],
            "attempt": attempt,
            "version": ["$add": ["$version", 1]],
            "book_time": "$$NOW",
            "refresh_time": "$$NOW",
            "lease_until": ["$add": ["$$NOW", .int64(lease.wholeMilliseconds)]],
            "not_before": nil,
            "order": nil,
            "attempts": ["$concatArrays": ["$attempts", [record]]],
        ]
    }

    /// See `TrialStore`.
    public func finish(
        _ claimed: Trial,
        with outcome: AttemptOutcome,
        retries: RetryLimits
    ) async throws -> FinishResult {
        try await translating {
            var trial = claimed
            for _ in 0..<Self.largestFinishAttempts {
                // The state follows from what was written, so the document need not come back.
                let end = try await attemptEnd(of: trial, with: outcome, retries: retries)
                if try await connection.findAndModify(end.filter, end.change, fields: ["_id": 1], in: jobs) != nil {
                    return .accepted(end.state)
                }
                guard let current = try await trials(of: claimed.id.experiment, .number(claimed.id.number)).first else {
                    return .leaseLost
                }
                let isStillOurs =
                    current.state == .running && current.attempt == claimed.attempt && current.owner == claimed.owner
                guard isStillOurs else { return FinishResult(repeating: claimed, outcome, on: current) }
                // An order came meanwhile, and it may change what the end means.
                trial = current
            }
            throw TrialStoreError.unavailable("the result of trial \(claimed.id) met a change each time")
        }
    }
}
