import BSON
import Coordination
import ExperimentModel

/// An experiment as a document of `experiments`.
enum ExperimentDocument {
    /// The document of a new experiment.
    static func make(_ experiment: Experiment) throws -> BSONDocument {
        [
            "_id": .string(experiment.id.rawValue),
            "schema": .int(Schema.version),
            "name": .string(experiment.definition.name),
            "definition": .document(try BSONEncoder().encode(experiment.definition)),
            "limits": .document(try BSONEncoder().encode(experiment.limits)),
            "enqueued": .array(try experiment.enqueued.map { .document(try EnqueuedDocument.make($0)) }),
            "revision": .int(experiment.revision),
            "retrying": [],
            "state": .string(experiment.state.rawValue),
            "ending": nil,
            "lead": nil,
            "epoch": 0,
            "next_tid": .int(experiment.nextTrial),
            "created_at": experiment.createdAt.bson,
            "started_at": nil,
            "paused_at": nil,
            "paused_ms": .int64(0),
            "finished_at": nil,
            "reopened_at": nil,
        ]
    }

    /// Reads a document. - Throws: ``TrialStoreError/unreadable(document:reason:)`` that names the experiment.
    static func read(_ document: BSONDocument) throws -> Experiment {
        let name = document["_id"]?.asString ?? "?"
        do {
            let found = Int(document["schema"]?.asInt64 ?? 0)
            guard found <= Schema.version else {
                throw TrialStoreError.newerSchema(found: found, supported: Schema.version)
            }
            return try experiment(from: document)
        } catch let error as TrialStoreError {
            throw error
        } catch {
            throw TrialStoreError.unreadable(document: "Experiment \(name)", reason: "\(error)")
        }
    }

    private static func experiment(from document: BSONDocument) throws -> Experiment {
        let id = ExperimentID(try document.require("_id").string)
        let definition = try BSONDecoder().decode(
            ExperimentDefinition.self,
            from: try document.require("definition").document
        )
        guard let state = ExperimentState(rawValue: try document.require("state").string) else {
            throw TrialStoreError.unreadable(
                document: "Experiment \(id)",
                reason: "its state is none that this version knows"
            )
        }
        var experiment = Experiment(
            id: id,
            definition: definition,
            createdAt: document["created_at"]?.timestamp ?? Timestamp(milliseconds: 0)
        )
        experiment.state = state
        experiment.epoch = try document.require("epoch").int
        experiment.nextTrial = try document.require("next_tid").int
        experiment.startedAt = document["started_at"]?.timestamp
        experiment.pausedAt = document["paused_at"]?.timestamp
        experiment.pausedMilliseconds = document["paused_ms"]?.asInt64 ?? 0
        experiment.finishedAt = document["finished_at"]?.timestamp
        experiment.reopenedAt = document["reopened_at"]?.timestamp
        if let limits = document["limits"]?.asDocument {
            experiment.limits = try BSONDecoder().decode(Limits.self, from: limits)
        }
        experiment.revision = document["revision"]?.asInt ?? 0
        experiment.enqueued = try (document["enqueued"]?.asArray ?? []).map { value in
            try EnqueuedDocument.read(value, space: definition.searchSpace)
        }
        experiment.retrying = try (document["retrying"]?.asArray ?? []).compactMap { value in
            try value.asDocument?.require("tid").int
        }
        if let ending = document["ending"]?.asDocument {
            experiment.ending = try BSONDecoder().decode(ExperimentEnding.self, from: ending)
        }
        if let lead = document["lead"]?.asDocument, let until = lead["lease_until"]?.timestamp {
            experiment.lead = LeadRecord(leader: try lead.require("leader").string, leaseUntil: until)
        }
        return experiment
    }
}
