import BSON
public import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    private static func leaseEnd(_ lease: Duration) -> BSONValue {
        ["$add": ["$$NOW", .int64(lease.wholeMilliseconds)]]
    }

    private static func lead(_ document: BSONDocument, lease: Duration) throws -> Lead {
        let experiment = try ExperimentDocument.read(document)
        guard let record = experiment.lead else {
            throw TrialStoreError.unreadable(document: "Experiment \(experiment.id)", reason: "its lead is missing")
        }
        let renewedAt = Timestamp(milliseconds: record.leaseUntil.milliseconds - lease.wholeMilliseconds)
        return Lead(experiment: experiment, epoch: experiment.epoch, renewedAt: renewedAt)
    }

    /// See `TrialStore`.
    public func takeLead(of id: ExperimentID, as leader: String, lease: Duration) async throws -> Lead? {
        try await translating {
            let taken = try await connection.findAndModify(
                [
                    "_id": .string(id.rawValue),
                    "state": ["$in": Self.unfinishedStates],
                    // Our own lead may be taken again: the reply to the first call may have been lost.
                    "$or": [["$expr": Self.isLeadFree], ["lead.leader": .string(leader)]],
                ],
                [
                    [
                        "$set": [
                            "epoch": ["$add": ["$epoch", 1]],
                            "lead": ["leader": .literal(.string(leader)), "lease_until": Self.leaseEnd(lease)],
                        ]
                    ]
                ],
                in: experimentDocuments
            )
            guard let lead = try taken.map({ try Self.lead($0, lease: lease) }) else { return nil }
            await note(.led(lead))
            return lead
        }
    }

    /// See `TrialStore`.
    public func renewLead(_ lead: Lead, lease: Duration) async throws -> Lead? {
        try await translating {
            let renewed = try await connection.findAndModify(
                ["_id": .string(lead.id.rawValue), "epoch": .int(lead.epoch)],
                [["$set": ["lead.lease_until": Self.leaseEnd(lease)]]],
                in: experimentDocuments
            )
            return try renewed.map { try Self.lead($0, lease: lease) }
        }
    }

    /// See `TrialStore`.
    public func releaseLead(_ lead: Lead) async throws {
        try await translating {
            _ = try await connection.updateOne(
                ["_id": .string(lead.id.rawValue), "epoch": .int(lead.epoch)],
                ["$set": ["lead": nil]],
                in: experimentDocuments
            )
        }
    }

    /// See `TrialStore`.
    public func change(_ change: ExperimentChange, lead: Lead) async throws -> Experiment {
        let changed = try await carryOut(change, lead)
        if case .decide(let ending) = change { await note(.decided(ending, changed)) }
        if change == .finish { await note(.ended(changed)) }
        return changed
    }

    private func carryOut(_ change: ExperimentChange, _ lead: Lead) async throws -> Experiment {
        switch change {
        case .begin:
            try await fenced(lead, ["state": "created"], [["$set": ["state": "running"]]])
        case .markStarted(let start):
            // `$min` of a pipeline passes over null.
            try await fenced(lead, [:], [["$set": ["started_at": ["$min": ["$started_at", start.bson]]]]])
        case .decide(let ending):
            try await fenced(
                lead,
                [
                    "ending": nil, "state": ["$in": Self.unfinishedStates],
                    "revision": Self.revisionFilter(lead.experiment.revision),
                ],
                ["$set": ["ending": .document(try BSONEncoder().encode(ending))]]
            )
        case .finish:
            try await fenced(
                lead,
                [
                    "ending": ["$ne": nil], "state": ["$in": Self.unfinishedStates],
                    // Whoever wanted a trial tried again may not have come to change it yet: that is done first.
                    "retrying.0": ["$exists": false],
                ],
                [["$set": ["state": "$ending.state", "finished_at": "$$NOW"]]]
            )
        }
    }

    /// See `TrialStore`.
    public func reserveTrials(_ count: Int, lead: Lead) async throws -> Experiment {
        let wanted: BSONValue = ["$add": ["$next_tid", .int(count)]]
        // Documents of version 1 have no limits of their own.
        let limit: BSONValue = [
            "$cond": [
                ["$eq": [["$type": "$limits"], "object"]], "$limits.max_trials", "$definition.limits.max_trials",
            ]
        ]
        let most: BSONValue = ["$add": [["$ifNull": [limit, .int(Int(BSONObjectID.maximumCounter))]], 1]]
        return try await fenced(
            lead,
            [
                "ending": nil, "state": ["$in": Self.unfinishedStates],
                "next_tid": .int(lead.experiment.nextTrial),
                "revision": Self.revisionFilter(lead.experiment.revision),
            ],
            [["$set": ["next_tid": ["$max": ["$next_tid", ["$min": [wanted, most]]]]]]]
        )
    }

    /// Changes the experiment if the epoch is ours and `condition` holds; without the condition nothing changes.
    private func fenced(_ lead: Lead, _ condition: BSONDocument, _ update: MongoUpdate) async throws -> Experiment {
        try await translating {
            let fence: [(String, BSONValue)] = [("_id", .string(lead.id.rawValue)), ("epoch", .int(lead.epoch))]
            let filter = try BSONDocument(fence + condition.elements.map { ($0.key, $0.value) })
            if let changed = try await connection.findAndModify(filter, update, in: experimentDocuments) {
                return try ExperimentDocument.read(changed)
            }
            return try await checkFence(lead)
        }
    }

    /// The experiment as it is. - Throws: ``TrialStoreError/leadLost(_:)`` when its epoch is not ours.
    @discardableResult
    func checkFence(_ lead: Lead) async throws -> Experiment {
        guard let current = try await experiment(lead.id) else { throw TrialStoreError.noSuchExperiment(lead.id) }
        guard current.epoch == lead.epoch else { throw TrialStoreError.leadLost(lead.id) }
        return current
    }
}
