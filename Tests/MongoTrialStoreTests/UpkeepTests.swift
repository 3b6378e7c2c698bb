import BSON
import Coordination
import ExperimentModel
import Logging
import MongoClient
import Testing
import TuningTestKit

@testable import MongoTrialStore

@Suite("MongoDB store, deleting", .timeLimit(.minutes(10)))
struct UpkeepTests {
    private static let id = ExperimentID("es0000001")

    /// A store with one finished experiment of two trials.
    private func withEnded(
        _ body: (MongoTrialStore, MongoConnection, Experiment, (String) -> Namespace) async throws -> Void
    ) async throws {
        let server = try await ScratchMongod.replicaSet()
        let database = ScratchMongod.freshDatabase()
        try await server.withConnection { connection in
            let store = MongoTrialStore(connection: connection, database: database, logger: .silent)
            try await store.prepare()
            let lead = try await TrialStoreConformance.running(store, trials: 2, id: Self.id.rawValue)
            for _ in 1...2 {
                let claimed = try await TrialStoreConformance.claim(store, lead.id)
                _ = try await store.finish(claimed, with: TrialStoreConformance.success, retries: RetryLimits())
            }
            let end = ExperimentEnding(state: .completed, reason: .maxTrials)
            _ = try await store.change(.decide(end), lead: lead)
            let ended = try await store.change(.finish, lead: lead)
            try await body(store, connection, ended) { Namespace(database: database, collection: $0) }
        }
    }

    @Test("a deletion that was cut short anywhere is known as a leftover, and completed", arguments: 0...4)
    func cutShort(steps: Int) async throws {
        try await withEnded { store, connection, ended, collection in
            let key: BSONDocument = ["experiment": .string(ended.id.rawValue)]
            for name in ["observations", "logs", "events"] {
                _ = try await connection.insert(
                    [["experiment": .string(ended.id.rawValue), "trial": 1, "attempt": 1, "seq": 0]],
                    into: collection(name)
                )
            }
            #expect(try await store.markDeleted(ended))
            for name in ["observations", "logs", "events"].prefix(steps) {
                _ = try await connection.deleteMany(key, in: collection(name))
            }
            // One of its two trials.
            if steps == 4 { _ = try await connection.deleteOne(["exp_key": "es0000001"], in: collection("jobs")) }
            #expect(try await store.leftovers() == [ended.id])
            try await store.purge(ended.id)
            #expect(try await store.leftovers().isEmpty)
            for name in ["experiments", "jobs", "observations", "logs", "events"] {
                #expect(try await connection.countDocuments([:], in: collection(name)) == 0, "\(name)")
            }
        }
    }

    @Test("trials that were tried are kept when their experiment's document is missing and was not deleted")
    func lostExperiment() async throws {
        try await withEnded { store, connection, ended, collection in
            // As in the middle of a restoration, or when somebody dropped the collection.
            _ = try await connection.deleteMany([:], in: collection("experiments"))
            let foreign: BSONDocument = ["exp_key": "es7654321", "tid": 1, "state": 2]
            _ = try await connection.insert([foreign], into: collection("jobs"))
            #expect(try await store.leftovers().isEmpty)
            for id in [ended.id, ExperimentID("es7654321")] {
                await #expect(throws: TrialStoreError.notLeftByDeletion(id)) { try await store.purge(id) }
            }
            #expect(try await connection.countDocuments([:], in: collection("jobs")) == 3)
            #expect(try await connection.countDocuments([:], in: collection("events")) > 0)
            // What a stale leader makes after a deletion has been tried by nobody.
            let late: BSONDocument = ["exp_key": "es0000009", "tid": 1, "state": 0, "attempt": 0]
            _ = try await connection.insert([late], into: collection("jobs"))
            #expect(try await store.leftovers() == [ExperimentID("es0000009")])
            try await store.purge(ExperimentID("es0000009"))
            #expect(try await store.leftovers().isEmpty)
        }
    }

    @Test("more records than one write takes, with gaps between the trials, are measured and removed in full")
    func many() async throws {
        try await withEnded { store, connection, ended, collection in
            let count = MongoTrialStore.deletionBatch * 2 + 1
            let logs: [BSONDocument] = (1...count).map { number in
                [
                    "experiment": .string(ended.id.rawValue), "trial": .int(number * 3), "attempt": 1,
                    "stream": "stdout", "seq": 0, "data": .binary([UInt8](repeating: 7, count: 100)),
                ]
            }
            _ = try await connection.insert(logs, into: collection("logs"))
            let bytes = try await store.records(of: ended.id).logBytes
            #expect(bytes.count == count && bytes.keys.max() == count * 3)
            let sizes = Set(bytes.values)
            #expect(sizes.allSatisfy { (150...300).contains($0) }, "\(sizes)")
            #expect(try await store.markDeleted(ended))
            try await store.purge(ended.id)
            #expect(try await connection.countDocuments([:], in: collection("logs")) == 0)
        }
    }

    @Test("a program that does not know the mark cannot reopen what is being deleted, nor lead it")
    func olderProgram() async throws {
        try await withEnded { store, connection, ended, collection in
            #expect(try await store.markDeleted(ended))
            let document = try #require(try await connection.findOne([:], in: collection("experiments")))
            #expect(document["deleted_at"]?.asDate != nil && document["lead"]?.isNull == true)
            // What version 2 asks of a finished experiment before it reopens it, whichever revision it read.
            let reopenable = try await connection.countDocuments(
                ["_id": "es0000001", "state": "completed", "ending": ["$ne": nil]],
                in: collection("experiments")
            )
            #expect(reopenable == 0)
            // Any write of a leader stands on the epoch that it has.
            #expect(document["epoch"]?.asInt == ended.epoch + 1)
            #expect(document["revision"]?.asInt == ended.revision + 1)
        }
    }
}
