import BSON
import Coordination
import ExperimentModel
import Foundation
import Logging
import MongoClient
import Testing
import TuningTestKit

@testable import MongoTrialStore

@Suite("Files in MongoDB", .timeLimit(.minutes(2)))
struct StoredFileTests {
    @Test(
        "pieces without a file are seen by nobody, and removed when they are old; a file that lacks a piece is an error"
    )
    func pieces() async throws {
        let server = try await ScratchMongod.replicaSet()
        let database = ScratchMongod.freshDatabase()
        let directory = NSTemporaryDirectory() + database
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await server.withConnection { connection in
            let store = MongoTrialStore(connection: connection, database: database, logger: .silent)
            try await store.prepare()
            let source = directory + "/source"
            try Data(repeating: 7, count: 600_000).write(to: URL(fileURLWithPath: source))
            let name = StoredFileName.workspace(hash: "a")
            try await store.storeFile(at: source, as: name, sha256: nil)
            let chunks = Namespace(database: database, collection: "fs.chunks")
            let files = Namespace(database: database, collection: "fs.files")
            let document = try #require(try await connection.findOne([:], in: files))
            #expect(document["chunkSize"]?.asInt == 255 * 1024)
            #expect(document["length"]?.asInt64 == 600_000)
            #expect(document["metadata"]?.asDocument?["content_sha256"]?.asString == "a")

            let before = try await store.now()
            let (lost, recent) = (try Self.id(before, secondsAgo: 100), try Self.id(before, secondsAgo: -100))
            for id in [lost, recent] {
                let chunk: BSONDocument = ["files_id": .objectID(id), "n": 0, "data": .binary([1, 2, 3])]
                _ = try await connection.insert([chunk], into: chunks)
            }
            #expect(try await store.unfinishedFiles(before: before) == StoredPieces(files: 1, bytes: 3))
            try await store.removeUnfinishedFiles(before: before)
            #expect(try await store.unfinishedFiles(before: before) == StoredPieces())
            #expect(try await connection.countDocuments([:], in: chunks) == 4)
            #expect(try await store.storedFiles(in: .workspaces).map(\.name) == [name])

            _ = try await connection.deleteOne(["files_id": document["_id"] ?? .null, "n": 1], in: chunks)
            await #expect(throws: TrialStoreError.self) { try await store.fetchFile(name, to: directory + "/target") }
            #expect(!FileManager.default.fileExists(atPath: directory + "/target"))
        }
    }

    private static func id(_ moment: Timestamp, secondsAgo: Int64) throws -> BSONObjectID {
        let seconds = UInt32(clamping: moment.milliseconds / 1000 - secondsAgo)
        return try #require(BSONObjectID(seconds: seconds, maker: [1, 2, 3, 4, 5], counter: 0))
    }
}
