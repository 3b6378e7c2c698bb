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
                let (state, update) = try await attemptEnd(of: trial, with: outcome, retries: retries, and: [])
                if try await connection.findAndModify(update.filter, update.change, fields: ["_id": 1], in: jobs) != nil
                {
                    return .accepted(state)
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

    /// Ends the attempt in one write, fenced by owner, attempt and order.
    /// - Parameter condition: what else must hold.
    /// - Returns: the trial after it, or `nil` when the fence did not match.
    func endAttempt(
        _ trial: Trial,
        with outcome: AttemptOutcome,
        retries: RetryLimits,
        and condition: [(String, BSONValue)]
    ) async throws -> Trial? {
        let (_, update) = try await attemptEnd(of: trial, with: outcome, retries: retries, and: condition)
        return try await connection.findAndModify(update.filter, update.change, in: jobs).map(TrialDocument.read)
    }

    /// The write that ends an attempt, and the state that it leaves the trial in.
    private func attemptEnd(
        of trial: Trial,
        with outcome: AttemptOutcome,
        retries: RetryLimits,
        and condition: [(String, BSONValue)]
    ) async throws -> (state: TrialState, update: (filter: BSONDocument, change: MongoUpdate)) {
        let outcome = outcome.settled
        let facts = try await facts(of: trial.id.experiment)
        let filter: [(String, BSONValue)] = [
            ("_id", .objectID(try trial.id.objectID(createdAt: facts.createdAt))),
            ("owner", .optional(trial.owner?.rawValue)),
            ("attempt", .int(trial.attempt)),
            ("state", .int(TrialState.running.rawValue)),
            ("order", .optional(trial.order?.rawValue)),
        ]
        let disposition = Trial.disposition(
            of: outcome.cause,
            charges: trial.charges,
            retries: retries,
            order: trial.order
        )
        let attemptPath = "attempts.\(trial.attempt - 1)"
        var fields: [(String, BSONValue)] = [("lease_until", .null)]
        fields += AttemptDocument.endFields(outcome, prefix: attemptPath)
        var dates: [(String, BSONValue)] = [("refresh_time", true), ("\(attemptPath).ended_at", true)]
        var increments: [(String, BSONValue)] = [("version", 1)]
        let state: TrialState
        switch disposition {
        case .finish(let last):
            state = last
            fields += Self.endFields(state, outcome, objective: facts.objective)
            dates.append(("finished_at", true))
        case .requeue(let charged):
            state = .new
            fields += [("state", .int(TrialState.new.rawValue)), ("owner", []), ("order", .null), ("book_time", .null)]
            if let charged { increments.append(("charges.\(charged.rawValue)", 1)) }
        }
        let change: BSONDocument = [
            "$set": .document(try BSONDocument(fields)),
            "$inc": .document(try BSONDocument(increments)),
            "$currentDate": .document(try BSONDocument(dates)),
        ]
        return (state, (try BSONDocument(filter + condition), .document(change)))
    }

    private static func endFields(
        _ state: TrialState,
        _ outcome: AttemptOutcome,
        objective: Objective
    ) -> [(String, BSONValue)] {
        let cause = state == .cancelled ? TrialCause.cancelled : outcome.cause
        var fields: [(String, BSONValue)] = [("state", .int(state.rawValue)), ("cause", .string(cause.rawValue))]
        switch state {
        case .done:
            let value = outcome.value ?? .nan
            fields.append(
                ("result", ["status": "ok", "loss": .double(objective.loss(of: value)), "value": .double(value)])
            )
        case .failed:
            fields.append(("result", ["status": "fail"]))
            fields.append(("error", [.string(outcome.cause.rawValue), .string(outcome.message ?? "")]))
        case .new, .running, .cancelled: break
        }
        return fields
    }
}
