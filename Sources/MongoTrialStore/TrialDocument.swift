import BSON
import Coordination
import ExperimentModel
import OrderedCollections
import SearchSpace

/// A trial as a document of `jobs`: hyperopt's fields, and ours beside them.
enum TrialDocument {
    /// The command that hyperopt's documents name; ours are run by `hyperworker` alone.
    static let command = "hyper"

    /// The document of a trial that nobody has claimed yet: new, or cancelled from the beginning.
    /// - Parameter space: of its experiment: hyperopt wants every label, inactive ones with empty lists.
    static func make(_ trial: Trial, space: SearchSpace, experimentCreatedAt: Timestamp) throws -> BSONDocument {
        let number = BSONValue.int(trial.id.number)
        let values = space.hyperoptValues(of: trial.suggestion, trial: trial.id.number)
        return [
            "_id": .objectID(try trial.id.objectID(createdAt: experimentCreatedAt)),
            "tid": number,
            "exp_key": .string(trial.id.experiment.rawValue),
            "state": .int(trial.state.rawValue),
            // Not null: no stock hyperopt worker reserves it.
            "owner": [],
            "version": .int(trial.version),
            "book_time": nil,
            "refresh_time": nil,
            "spec": nil,
            "result": ["status": "new"],
            "misc": [
                "tid": number,
                "cmd": [.string(command)],
                "workdir": nil,
                "idxs": .document(Self.lists(values.idxs.mapValues { $0.map { .int(Int($0)) } })),
                "vals": .document(Self.lists(values.vals.mapValues { $0.map(BSONValue.init) })),
            ],
            "origin": .string(trial.origin.text),
            "assignment": .document(BSONDocument(trial.assignment)),
            "attempt": 0,
            "attempts": [],
            "charges": [:],
            "lease_until": nil,
            "not_before": nil,
            "order": nil,
            "early_stop": nil,
            "cause": .optional(trial.cause?.rawValue),
            "created_at": trial.createdAt.bson,
            "finished_at": .optional(trial.finishedAt),
        ]
    }

    private static func lists(_ lists: OrderedDictionary<String, [BSONValue]>) -> BSONDocument {
        BSONDocument(recordingFailureOf: lists.map { ($0.key, .array($0.value)) })
    }

    /// Reads a document. - Throws: ``TrialStoreError/unreadable(document:reason:)``.
    static func read(_ document: BSONDocument) throws -> Trial {
        do {
            return try trial(from: document)
        } catch let error as BSONError {
            let name = document["_id"]?.asObjectID?.description ?? "?"
            throw TrialStoreError.unreadable(document: "jobs document \(name)", reason: "\(error)")
        }
    }

    private static func trial(from document: BSONDocument) throws -> Trial {
        let experiment = ExperimentID(try document.require("exp_key").string)
        let id = TrialID(experiment: experiment, number: try document.require("tid").int)
        func unreadable(_ reason: String) -> TrialStoreError {
            .unreadable(document: "Trial \(id)", reason: reason)
        }
        guard let state = TrialState(rawValue: try document.require("state").int) else {
            throw unreadable("its state is none that this version knows")
        }
        guard let assignment = try document.require("assignment").document.assignment else {
            throw unreadable("its assignment holds a value of an unknown kind")
        }
        // An older program, which knew no other origin, wrote none.
        guard let origin = TrialOrigin(text: document["origin"]?.asString ?? TrialOrigin.sampler.text) else {
            throw unreadable("its origin is none that this version knows")
        }
        var trial = Trial(
            id: id,
            suggestion: Suggestion(values: try values(in: document, unreadable)),
            assignment: assignment,
            origin: origin,
            createdAt: document["created_at"]?.timestamp ?? Timestamp(milliseconds: 0)
        )
        trial.state = state
        trial.owner = document["owner"]?.asArray?.first?.asString.map(WorkerID.init)
        trial.attempt = try document.require("attempt").int
        trial.version = try document.require("version").int
        trial.leaseUntil = document["lease_until"]?.timestamp
        trial.notBefore = document["not_before"]?.timestamp
        trial.order = document["order"]?.asString.flatMap(TrialOrder.init)
        trial.earlyStop = document["early_stop"]?.asDocument.flatMap(EarlyStopDocument.read)
        trial.cause = document["cause"]?.asString.flatMap(TrialCause.init)
        trial.value = document.value(at: "result.value")?.asDouble
        trial.finishedAt = document["finished_at"]?.timestamp
        for (text, count) in document["charges"]?.asDocument?.elements ?? [] {
            if let cause = TrialCause(rawValue: text), let count = count.asInt64 { trial.charges[cause] = Int(count) }
        }
        trial.attempts = try (document["attempts"]?.asArray ?? []).map { value in
            guard let attempt = value.asDocument else { throw unreadable("an attempt is not a document") }
            return try AttemptDocument.read(attempt)
        }
        return trial
    }

    private static func values(
        in document: BSONDocument,
        _ unreadable: (String) -> TrialStoreError
    ) throws -> OrderedDictionary<String, LabelValue> {
        var values = OrderedDictionary<String, LabelValue>()
        guard let stored = document.value(at: "misc.vals")?.asDocument else { throw unreadable("misc.vals is missing") }
        for (label, list) in stored.elements {
            guard let list = list.asArray else { throw unreadable("misc.vals.\(label) is not a list") }
            guard let first = list.first else { continue }
            guard let value = first.labelValue else { throw unreadable("misc.vals.\(label) is not a number") }
            values[label] = value
        }
        return values
    }
}
