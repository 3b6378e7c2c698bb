import BSON
public import Coordination
public import ExperimentModel
import Foundation
import MongoClient

/// Files in GridFS, in the bucket `fs`: other drivers read them.
///
/// Pieces come first, under an id that nobody knows; the document in `fs.files` comes last and makes the file visible.
extension MongoTrialStore {
    /// Pieces that one call writes: 4 MiB, so that each ends well within its time limit on a slow line.
    static let chunksPerWrite = 16
    /// Pieces that one message of the server brings.
    static let chunksPerRead = 16

    static let anyArtifact: BSONDocument = ["metadata.experiment": ["$exists": true]]

    static func artifacts(of id: ExperimentID) -> BSONDocument { ["metadata.experiment": .string(id.rawValue)] }

    private var files: Namespace { collection(Schema.files) }
    private var chunks: Namespace { collection(Schema.fileChunks) }

    /// Our files have a kind; whatever else is in the bucket is left alone.
    private static func key(_ name: StoredFileName) -> BSONDocument {
        ["filename": .string(name.text), "metadata.kind": ["$exists": true]]
    }

    /// See `FileStore`.
    @discardableResult
    public func storeFile(at path: String, as name: StoredFileName, sha256: String?) async throws -> Bool {
        if try await refresh(name) { return false }
        var generator = SystemRandomNumberGenerator()
        let now = try await now()
        let maker = (0..<5).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        func id(_ counter: Int) throws -> BSONObjectID {
            let seconds = UInt32(clamping: now.milliseconds / 1000)
            guard let id = BSONObjectID(seconds: seconds, maker: maker, counter: UInt32(clamping: counter)) else {
                throw TrialStoreError.rejected("the file \(name.text) is too large for the store")
            }
            return id
        }
        // The number 0 is the file's own.
        let file = try id(0)
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        var length: Int64 = 0
        var count = 0
        while let piece = try handle.read(upToCount: StoredFileDocument.chunkBytes * Self.chunksPerWrite),
            !piece.isEmpty
        {
            try Task.checkCancellation()
            var documents: [BSONDocument] = []
            for start in stride(from: piece.startIndex, to: piece.endIndex, by: StoredFileDocument.chunkBytes) {
                let end = min(start + StoredFileDocument.chunkBytes, piece.endIndex)
                documents.append([
                    "_id": .objectID(try id(count + 1)), "files_id": .objectID(file), "n": .int(count),
                    "data": .binary(Array(piece[start..<end])),
                ])
                count += 1
            }
            length += Int64(piece.count)
            let batch = documents
            _ = try await translating { try await connection.insert(batch, into: chunks, ordered: false) }
        }
        let document = try StoredFileDocument.make(name, id: file, bytes: length, at: now, sha256: sha256)
        let outcome = try await translating { try await connection.insert([document], into: files) }
        if outcome.duplicateKeyIndexes.isEmpty { return true }
        // The id is ours if the reply to the first insert was lost; else somebody was faster with the name.
        let own: BSONDocument = ["_id": .objectID(file)]
        if try await translating({ try await connection.findOne(own, in: files) }) != nil { return true }
        // A worker's user may not; then `gc` finds them.
        try? await translating { try await deleteAll(["files_id": .objectID(file)], in: chunks) }
        _ = try await refresh(name)
        return false
    }

    /// Makes a file count as stored now, so that nobody removes it as forgotten. - Returns: whether there is one.
    private func refresh(_ name: StoredFileName) async throws -> Bool {
        try await translating {
            // Nobody forgets an artifact, and a worker's user may not change one.
            if name.experiment != nil { return try await connection.findOne(Self.key(name), in: files) != nil }
            return try await connection.updateOne(Self.key(name), ["$currentDate": ["uploadDate": true]], in: files)
                .matchedCount > 0
        }
    }

    /// See `FileStore`.
    public func fetchFile(_ name: StoredFileName, to path: String) async throws -> Bool {
        guard let file = try await translating({ try await connection.findOne(Self.key(name), in: files) }) else {
            return false
        }
        @Sendable func broken(_ reason: String) -> TrialStoreError {
            .unreadable(document: "The file \(name.text)", reason: reason)
        }
        guard let id = file["_id"], let length = file["length"]?.asInt64 else { throw broken("it has no length") }
        let target = try NewFile(path)
        do {
            try await translating {
                try await connection.findEach(
                    try BSONDocument([("files_id", id)]),
                    options: FindOptions(sort: ["n": 1], batchSize: Self.chunksPerRead),
                    in: chunks
                ) { batch in
                    for chunk in batch {
                        guard chunk["n"]?.asInt64 == target.chunks, case .binary(let data, _)? = chunk["data"] else {
                            throw broken("a piece of it is missing")
                        }
                        guard target.bytes + Int64(data.count) <= length else {
                            throw broken("it is longer than it says")
                        }
                        try target.append(data)
                    }
                }
            }
            guard target.bytes == length else { throw broken("\(length - target.bytes) bytes of it are missing") }
        } catch {
            target.remove()
            throw error
        }
        return true
    }

    /// See `FileStore`.
    public func storedFiles(in folder: StoredFileFolder) async throws -> [StoredFile] {
        let filter: BSONDocument
        switch folder {
        case .workspaces: filter = ["metadata.kind": "workspace"]
        case .artifacts(let id): filter = Self.artifacts(of: id)
        case .attempt(let trial, let attempt):
            filter = [
                "metadata.experiment": .string(trial.experiment.rawValue), "metadata.trial": .int(trial.number),
                "metadata.attempt": .int(attempt),
            ]
        }
        let found = try await translating { try await connection.find(filter, in: files) }
        return found.compactMap(StoredFileDocument.read).filter { folder.contains($0.name) }
            .sorted { $0.name.text < $1.name.text }
    }

    /// See `FileStore`.
    public func removeFiles(_ names: [StoredFileName], storedBefore: Timestamp?) async throws {
        for name in names {
            var filter = Self.key(name).elements.map { ($0.key, $0.value) }
            if let storedBefore { filter.append(("uploadDate", ["$lt": storedBefore.bson])) }
            let matching = try BSONDocument(filter)
            try await translating { try await removeFiles(matching: matching) }
        }
    }

    /// Removes the documents first: what a crash leaves behind belongs to no file and is found as that.
    func removeFiles(matching filter: BSONDocument) async throws {
        while let file = try await connection.findAndRemove(filter, in: files) {
            guard let id = file["_id"] else { continue }
            try await deleteAll(try BSONDocument([("files_id", id)]), in: chunks)
        }
    }

    /// See `FileStore`.
    public func referencedWorkspaces() async throws -> Set<String> {
        try await translating {
            let hashes = try await distinct("definition.workspace.sha256", in: experimentDocuments, [:])
            return Set(hashes.compactMap(\.asString))
        }
    }

    /// See `FileStore`.
    public func unfinishedFiles(before: Timestamp) async throws -> StoredPieces {
        var pieces = StoredPieces()
        for id in try await abandoned(before) {
            pieces.files += 1
            let sums = try await translating {
                try await connection.aggregate(
                    [
                        ["$match": .document(try BSONDocument([("files_id", id)]))],
                        ["$group": ["_id": nil, "bytes": ["$sum": ["$binarySize": "$data"]]]],
                    ],
                    in: chunks
                )
            }
            pieces.bytes += sums.first?["bytes"]?.asInt64 ?? 0
        }
        return pieces
    }

    /// See `FileStore`.
    public func removeUnfinishedFiles(before: Timestamp) async throws {
        for id in try await abandoned(before) {
            try await translating { try await deleteAll(try BSONDocument([("files_id", id)]), in: chunks) }
        }
    }

    /// Ids that pieces name and no file has, and that were drawn before a moment, as their first bytes tell. Those of other
    /// programs that make ids in another way are left alone.
    private func abandoned(_ before: Timestamp) async throws -> [BSONValue] {
        try await translating {
            let named = try await distinct("files_id", in: chunks, [:])
            let known = try await connection.find([:], options: FindOptions(projection: ["_id": 1]), in: files)
            let ids = Set(known.compactMap { $0["_id"].flatMap(Self.objectID) })
            return named.filter { value in
                guard let id = Self.objectID(value), !ids.contains(id) else { return false }
                return Int64(id.seconds) * 1000 < before.milliseconds
            }
        }
    }

    private static func objectID(_ value: BSONValue) -> BSONObjectID? {
        if case .objectID(let id) = value { id } else { nil }
    }
}
