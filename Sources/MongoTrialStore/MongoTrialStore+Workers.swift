import BSON
import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    /// See `TrialStore`.
    @discardableResult
    public func register(_ worker: Worker) async throws -> Worker {
        let fields: BSONDocument = [
            "host": .string(worker.host),
            "pid": .int32(worker.processID),
            "slots": .int(worker.slots),
            "experiments": .array(worker.experiments.map { .string($0.rawValue) }),
            "draining": .bool(worker.isDraining),
            "version": .string(worker.version),
            "labels": .document(
                try BSONDocument(worker.labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
            ),
            "secrets": .array(worker.secrets.map(BSONValue.string)),
            "gpus": .array(worker.gpus.map(BSONValue.string)),
            "runtime": worker.runtime.map { .string($0.rawValue) } ?? .null,
        ]
        return try await translating {
            let known = try await connection.findAndModify(
                ["_id": .string(worker.id.rawValue)],
                ["$set": .document(fields), "$currentDate": ["last_seen": true]],
                upsert: true,
                in: collection(Schema.workers)
            )
            return try known.map(Self.worker) ?? worker
        }
    }

    /// See `TrialStore`.
    public func unregister(_ worker: WorkerID) async throws {
        try await translating {
            _ = try await connection.deleteOne(["_id": .string(worker.rawValue)], in: collection(Schema.workers))
        }
    }

    /// See `TrialStore`.
    public func liveWorkers(within liveness: Duration) async throws -> [Worker] {
        try await translating {
            let isLive: BSONValue = [
                "$gt": ["$last_seen", ["$subtract": ["$$NOW", .int64(liveness.wholeMilliseconds)]]]
            ]
            let documents = try await connection.find(
                ["$expr": isLive],
                options: FindOptions(sort: ["_id": 1]),
                in: collection(Schema.workers)
            )
            return readable(documents, "Worker", Self.worker)
        }
    }

    static func worker(_ document: BSONDocument) throws -> Worker {
        Worker(
            id: WorkerID(try document.require("_id").string),
            host: try document.require("host").string,
            processID: Int32(truncatingIfNeeded: try document.require("pid").int64),
            slots: try document.require("slots").int,
            experiments: document["experiments"]?.asArray?.compactMap(\.asString).map(ExperimentID.init) ?? [],
            isDraining: document["draining"]?.asBool ?? false,
            leaveAskedAt: document["leave_asked_at"]?.timestamp,
            version: document["version"]?.asString ?? "?",
            labels: Dictionary(
                document["labels"]?.asDocument?.elements.compactMap { name, value in
                    value.asString.map { (name, $0) }
                } ?? [],
                uniquingKeysWith: { $1 }
            ),
            runtime: document["runtime"]?.asString.flatMap(TrialRuntime.init),
            secrets: document["secrets"]?.asArray?.compactMap(\.asString) ?? [],
            gpus: document["gpus"]?.asArray?.compactMap(\.asString) ?? [],
            lastSeen: document["last_seen"]?.timestamp ?? Timestamp(milliseconds: 0)
        )
    }

    /// See `TrialStore`.
    public func record(_ observations: [Observation]) async throws {
        let documents = observations.map(ObservationDocument.make)
        try await translating {
            _ = try await connection.insert(documents, into: collection(Schema.observations), ordered: false)
        }
    }

    /// See `TrialStore`.
    public func appendLog(_ chunks: [LogChunk]) async throws {
        let documents: [BSONDocument] = chunks.map { chunk in
            [
                "experiment": .string(chunk.trial.experiment.rawValue),
                "trial": .int(chunk.trial.number),
                "attempt": .int(chunk.attempt),
                "stream": .string(chunk.stream.rawValue),
                "seq": .int(chunk.sequence),
                "data": .binary(chunk.bytes),
            ]
        }
        try await translating {
            _ = try await connection.insert(
                documents,
                into: collection(Schema.logs),
                ordered: false,
                writeConcern: .acknowledged
            )
        }
    }
}
