import BSON
import Coordination
import ExperimentModel

/// A file as a document of `fs.files`: GridFS, with what we know of it under `metadata`.
enum StoredFileDocument {
    /// Bytes of a piece, as GridFS has it by default.
    static let chunkBytes = 255 << 10

    static func make(
        _ name: StoredFileName,
        id: BSONObjectID,
        bytes: Int64,
        at moment: Timestamp,
        sha256: String?
    ) throws -> BSONDocument {
        var metadata: [(String, BSONValue)]
        switch name {
        case .workspace(let hash): metadata = [("kind", "workspace"), ("content_sha256", .string(hash))]
        case .artifact(let trial, let attempt, let path):
            metadata = [
                ("kind", "artifact"), ("experiment", .string(trial.experiment.rawValue)), ("trial", .int(trial.number)),
                ("attempt", .int(attempt)), ("path", .string(path)),
            ]
        }
        if let sha256 { metadata.append(("sha256", .string(sha256))) }
        return [
            "_id": .objectID(id), "length": .int64(bytes), "chunkSize": .int(chunkBytes),
            "uploadDate": moment.bson, "filename": .string(name.text),
            "metadata": .document(try BSONDocument(metadata)),
        ]
    }

    /// Reads a document; `nil` for one that is none of ours.
    static func read(_ document: BSONDocument) -> StoredFile? {
        guard let metadata = document["metadata"]?.asDocument, let name = name(metadata),
            let bytes = document["length"]?.asInt64, let moment = document["uploadDate"]?.asDate
        else { return nil }
        return StoredFile(
            name: name,
            bytes: bytes,
            storedAt: Timestamp(milliseconds: moment.millisecondsSince1970),
            sha256: metadata["sha256"]?.asString
        )
    }

    private static func name(_ metadata: BSONDocument) -> StoredFileName? {
        switch metadata["kind"]?.asString {
        case "workspace": return metadata["content_sha256"]?.asString.map { .workspace(hash: $0) }
        case "artifact":
            guard let experiment = metadata["experiment"]?.asString, let number = metadata["trial"]?.asInt,
                let attempt = metadata["attempt"]?.asInt, let path = metadata["path"]?.asString
            else { return nil }
            let trial = TrialID(experiment: ExperimentID(experiment), number: number)
            return .artifact(trial, attempt: attempt, path: path)
        default: return nil
        }
    }
}
