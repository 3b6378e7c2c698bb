import BSON
import Coordination
import ExperimentModel
import MongoClient

/// The one write that ends an attempt and decides what becomes of its trial.
extension MongoTrialStore {
    /// A write that ends an attempt, and the state in which it leaves the trial.
    struct EndingWrite: Sendable {
        var state: TrialState
        /// Fenced by owner, attempt and order.
        var filter: BSONDocument
        var change: MongoUpdate
    }

    /// Ends an attempt whose lease has run out, if it still has. - Returns: the trial after it, or `nil` when it was renewed.
    func endLost(_ trial: Trial, retries: RetryLimits, _ hasExpired: BSONValue) async throws -> Trial? {
        let isHeard = trial.isPoisonUnlessHeard ? try await hasBeenHeard(trial.id) : true
        let reports =
            trial.standingStop == nil ? [] : try await objectiveValues(of: trial.id, attempt: trial.attempt)
        let end = try await attemptEnd(
            of: trial,
            with: trial.lostOutcome(after: reports, try await facts(of: trial.id.experiment).objective),
            retries: retries,
            hasBeenHeard: isHeard,
            and: [("$expr", hasExpired)]
        )
        return try await connection.findAndModify(end.filter, end.change, in: jobs).map(TrialDocument.read)
    }

    /// Whether an attempt of the trial has printed or reported anything.
    private func hasBeenHeard(_ id: TrialID) async throws -> Bool {
        let key: BSONDocument = ["experiment": .string(id.experiment.rawValue), "trial": .int(id.number)]
        for name in [Schema.observations, Schema.logs] {
            let first = try await connection.findOne(
                key,
                options: FindOptions(projection: ["_id": 1]),
                in: collection(name)
            )
            if first != nil { return true }
        }
        return false
    }

    /// The write that ends an attempt.
    /// - Parameter condition: what else must hold.
    func attemptEnd(
        of trial: Trial,
        with outcome: AttemptOutcome,
        retries: RetryLimits,
        hasBeenHeard: Bool = true,
        and condition: [(String, BSONValue)] = []
    ) async throws -> EndingWrite {
        let facts = try await facts(of: trial.id.experiment)
        let filter: [(String, BSONValue)] = [
            ("_id", .objectID(try trial.id.objectID(createdAt: facts.createdAt))),
            ("owner", .optional(trial.owner?.rawValue)),
            ("attempt", .int(trial.attempt)),
            ("state", .int(TrialState.running.rawValue)),
            ("order", .optional(trial.order?.rawValue)),
        ]
        let end = trial.attemptEnd(with: outcome, retries: retries, hasBeenHeard: hasBeenHeard)
        let state: TrialState
        let change: MongoUpdate
        switch end.disposition {
        case .finish(let last):
            state = last
            let fields = Self.endFields(last, end.outcome, objective: facts.objective)
            change = .document(try Self.operators(trial.attempt, end.outcome, fields, dates: ["finished_at"]))
        case .requeue(let charged, let delay):
            state = .new
            change =
                delay > .zero
                ? [["$set": .document(try Self.delayed(trial.attempt, end.outcome, charging: charged, delay))]]
                : .document(try Self.operators(trial.attempt, end.outcome, Self.queueFields, charging: charged))
        }
        return EndingWrite(state: state, filter: try BSONDocument(filter + condition), change: change)
    }

    /// What every trial has that waits to be claimed.
    private static let queueFields: [(String, BSONValue)] = [
        ("state", .int(TrialState.new.rawValue)), ("owner", []), ("order", .null), ("book_time", .null),
    ]

    /// The end of an attempt by update operators, which cost the server less than a pipeline.
    private static func operators(
        _ attempt: Int,
        _ outcome: AttemptOutcome,
        _ fields: [(String, BSONValue)],
        dates: [String] = [],
        charging cause: TrialCause? = nil
    ) throws -> BSONDocument {
        let path = "attempts.\(attempt - 1)."
        let record = AttemptDocument.endFields(outcome).map { (path + $0, $1) }
        let allDates = ["refresh_time", path + "ended_at"] + dates
        var increments: [(String, BSONValue)] = [("version", 1)]
        if let cause { increments.append(("charges.\(cause.rawValue)", 1)) }
        return [
            "$set": .document(try BSONDocument([("lease_until", .null)] + record + fields)),
            "$inc": .document(try BSONDocument(increments)),
            "$currentDate": .document(try BSONDocument(allDates.map { ($0, true) })),
        ]
    }

    /// The end of an attempt that is repeated later, as a pipeline's `$set`: only a pipeline reckons from the server's time.
    private static func delayed(
        _ attempt: Int,
        _ outcome: AttemptOutcome,
        charging cause: TrialCause?,
        _ delay: Duration
    ) throws -> BSONDocument {
        let record: BSONValue = [
            "$mergeObjects": [
                ["$arrayElemAt": ["$attempts", .int(attempt - 1)]],
                .literal(.document(try BSONDocument(AttemptDocument.endFields(outcome)))), ["ended_at": "$$NOW"],
            ]
        ]
        let earlier: BSONValue = ["$slice": ["$attempts", .int(attempt - 1)]]
        var fields: [(String, BSONValue)] = [
            ("lease_until", .null), ("refresh_time", "$$NOW"), ("version", ["$add": ["$version", 1]]),
            ("not_before", ["$add": ["$$NOW", .int64(delay.wholeMilliseconds)]]),
            ("attempts", attempt > 1 ? ["$concatArrays": [earlier, [record]]] : [record]),
        ]
        if let cause {
            let path = "charges.\(cause.rawValue)"
            fields.append((path, ["$add": [["$ifNull": [.string("$" + path), 0]], 1]]))
        }
        return try BSONDocument(fields + queueFields)
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
