import BSON
import Coordination
import ExperimentModel
import MongoClient
import Testing
import TuningTestKit

@testable import MongoTrialStore

@Suite("Documents that were edited by hand", .timeLimit(.minutes(5)))
struct UnreadableDocumentTests {
    @Test("a worker and an event that cannot be read are left out, and the rest goes on; a report is named")
    func leftOut() async throws {
        let server = try await ScratchMongod.replicaSet()
        let database = ScratchMongod.freshDatabase()
        try await server.withConnection { connection in
            let store = MongoTrialStore(connection: connection, database: database, logger: .silent)
            try await store.prepare()
            let id = try await store.createExperiment(
                try TrialStoreConformance.definition(),
                id: ExperimentID("es0000001")
            ).id
            _ = try await store.takeLead(of: id, as: "leader", lease: .seconds(60))
            try await store.register(
                Worker(id: WorkerID("a"), host: "h", processID: 1, slots: 1, version: "1")
            )
            func edit(_ collection: String, _ document: BSONDocument) async throws {
                let place = Namespace(database: database, collection: collection)
                _ = try await connection.insert([document], into: place)
            }
            let now = try await store.now().bson
            try await edit("workers", ["_id": "b", "host": "h", "pid": 1, "slots": "many", "last_seen": now])
            try await edit("events", ["_id": "x", "experiment": .string(id.rawValue), "at": now])
            try await edit(
                "observations",
                [
                    "_id": "o", "experiment": .string(id.rawValue), "trial": 1, "attempt": 1, "seq": 0,
                    "metric": "loss",
                    "step": 0, "value": "high",
                ]
            )
            #expect(try await store.liveWorkers(within: .seconds(600)).map(\.id.rawValue) == ["a"])
            #expect(try await store.knownWorkers().map(\.id.rawValue) == ["a"])
            #expect(try await store.events(of: id).map(\.kind) == [.led])
            let error = await #expect(throws: TrialStoreError.self) {
                _ = try await store.observations(of: TrialID(experiment: id, number: 1))
            }
            #expect(error.map { "\($0)" }?.hasPrefix("Trial es0000001/1: observation o cannot be read: ") == true)
        }
    }
}
