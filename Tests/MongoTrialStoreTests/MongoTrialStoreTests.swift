import BSON
import Coordination
import ExperimentModel
import Logging
import MongoClient
import OrderedCollections
import SearchSpace
import Testing
import TuningTestKit

@testable import MongoTrialStore

@Suite("MongoDB store", .timeLimit(.minutes(10)))
struct MongoTrialStoreTests {
    /// Runs `body` with a store in a database of its own on a real replica set.
    private func withStore(
        _ body: (MongoTrialStore, MongoConnection, String) async throws -> Void
    ) async throws {
        let server = try await ScratchMongod.replicaSet()
        let database = ScratchMongod.freshDatabase()
        try await server.withConnection { connection in
            let store = MongoTrialStore(connection: connection, database: database, logger: .silent)
            try await store.prepare()
            try await body(store, connection, database)
        }
    }

    // One after the other: a hundred databases that are made at once keep each other waiting beyond the time limit of a call.
    @Test("keeps the promises of TrialStore", .serialized, arguments: TrialStoreConformance.all)
    func conforms(check: TrialStoreConformance) async throws {
        try await withStore { store, _, _ in try await check.run(store) }
    }

    @Test("preparing twice changes nothing, and a database of a newer version is refused")
    func schemaVersion() async throws {
        try await withStore { store, connection, database in
            try await store.prepare()
            _ = try await connection.updateOne(
                ["_id": "schema"],
                ["$set": ["version": 99]],
                in: Namespace(database: database, collection: "meta")
            )
            let error = await #expect(throws: TrialStoreError.self) { try await store.prepare() }
            #expect(error == .newerSchema(found: 99, supported: Schema.version))
        }
    }

    /// Finished trials in the way of a claim.
    private static let crowd = 50_000

    @Test("a claim looks at one index entry, however many trials have finished")
    func claimByIndex() async throws {
        try await withStore { store, connection, database in
            let id = ExperimentID("es0000001")
            _ = try await store.createExperiment(try TrialStoreConformance.definition(), id: id)
            let jobs = Namespace(database: database, collection: "jobs")
            let finished: [BSONDocument] = (1...Self.crowd).map { number in
                ["exp_key": "es0000001", "tid": .int(number), "state": 2, "owner": ["w"], "result": ["loss": 1.0]]
            }
            _ = try await connection.insert(finished, into: jobs, writeConcern: .acknowledged)
            let number = Self.crowd + 1
            let suggestion = Suggestion(values: ["x": .double(1)])
            try await store.insertTrials([
                Trial(
                    id: TrialID(experiment: id, number: number),
                    suggestion: suggestion,
                    assignment: ["x": 1.0],
                    createdAt: try await store.now()
                )
            ])
            let plan = try await connection.explainFind(
                try MongoTrialStore.claimFilter(id),
                options: FindOptions(sort: ["tid": 1], limit: 1),
                in: jobs
            )
            let winner = try #require(plan.value(at: "queryPlanner.winningPlan")?.asDocument).relaxedJSON
            #expect(winner.contains(#""indexName" : "claim""#))
            #expect(!winner.contains("COLLSCAN") && !winner.contains(#""stage" : "SORT""#))
            #expect(plan.value(at: "executionStats.totalKeysExamined")?.asInt == 1)
            #expect(plan.value(at: "executionStats.totalDocsExamined")?.asInt == 1)
            let claimed = try await store.claimTrial(of: id, by: WorkerID("h:1:a"), host: "h", lease: .seconds(9))
            #expect(claimed?.id.number == number)
        }
    }

    @Test("a renewal finds running trials by their own index")
    func renewalByIndex() async throws {
        try await withStore { _, connection, database in
            let jobs = Namespace(database: database, collection: "jobs")
            let plan = try await connection.explainFind(["owner": "w", "state": 1], in: jobs)
            #expect(plan.relaxedJSON.contains(#""indexName" : "held""#))
        }
    }

    @Test("names that look like operators stay names")
    func operatorNames() async throws {
        try await withStore { store, _, _ in
            let label = "x.y"
            let parameter = Parameter(label: label, domain: .uniform(low: 0, high: 1))
            var definition = try TrialStoreConformance.definition(name: "$NOW")
            definition.searchSpace = try SearchSpace(root: ["x": .parameter(parameter)])
            definition.environment = ["A": "$$ROOT"]
            definition.retries = RetryLimits(charges: [.failed: 2, .lost: 0], firstDelaySeconds: 0.5)
            let id = ExperimentID("es0000001")
            let stored = try await store.createExperiment(definition, id: id)
            #expect(try await store.experiment(id) == stored)
            let lead = try #require(try await store.takeLead(of: id, as: "$leader", lease: .seconds(9)))
            #expect(lead.experiment.lead?.leader == "$leader")
            try await store.insertTrials([
                Trial(
                    id: TrialID(experiment: id, number: 1),
                    suggestion: Suggestion(values: [label: .double(0.5)]),
                    assignment: ["x": 0.5, "text": "$state"],
                    createdAt: try await store.now()
                )
            ])
            let claimed = try await store.claimTrial(
                of: id,
                by: WorkerID("$host:1:$attempt"),
                host: "$host",
                lease: .seconds(9)
            )
            #expect(claimed?.owner == WorkerID("$host:1:$attempt"))
            #expect(claimed?.attempts.first?.host == "$host")
            #expect(claimed?.assignment["text"] == "$state")
        }
    }

    @Test("documents have hyperopt's shape, and their _id grows with the trial's number")
    func hyperoptShape() async throws {
        try await withStore { store, connection, database in
            let lead = try await TrialStoreConformance.running(store, trials: 3, goal: .maximize)
            let claimed = try await TrialStoreConformance.claim(store, lead.id)
            _ = try await store.finish(
                claimed,
                with: AttemptOutcome(cause: .succeeded, value: 0.25),
                retries: RetryLimits()
            )
            let documents = try await connection.find(
                ["exp_key": "es0000001"],
                options: FindOptions(sort: ["_id": 1]),
                in: Namespace(database: database, collection: "jobs")
            )
            #expect(documents.compactMap { $0["tid"]?.asInt } == [1, 2, 3])
            let done = try #require(documents.first)
            #expect(done["state"]?.asInt == 2)
            #expect(done.value(at: "result.status")?.asString == "ok")
            #expect(done.value(at: "result.loss")?.asDouble == -0.25)
            #expect(done.value(at: "misc.idxs.x")?.asArray == [1])
            #expect(done.value(at: "misc.vals.x")?.asArray == [0.001])
            #expect(done["book_time"]?.asDate != nil && done["refresh_time"]?.asDate != nil)
            let waiting = try #require(documents.last)
            // Not null, or a stock hyperopt worker would take it.
            #expect(waiting["owner"]?.asArray == [])
            #expect(waiting["spec"]?.isNull == true)
            #expect(waiting.value(at: "result.status")?.asString == "new")
        }
    }

    @Test("one unreadable experiment does not hide the others")
    func unreadableExperiment() async throws {
        try await withStore { store, connection, database in
            _ = try await store.createExperiment(
                try TrialStoreConformance.definition(),
                id: ExperimentID("es0000002")
            )
            _ = try await connection.insert(
                [["_id": "es0000001", "state": "running", "created_at": .date(.init(millisecondsSince1970: 0))]],
                into: Namespace(database: database, collection: "experiments")
            )
            #expect(try await store.experiments(ExperimentQuery()).map(\.id.rawValue) == ["es0000002"])
            let error = await #expect(throws: TrialStoreError.self) {
                try await store.experiment(ExperimentID("es0000001"))
            }
            guard case .unreadable(let document, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(document.contains("es0000001"))
        }
    }

    @Test("on a standalone server a watcher is told to look again and again")
    func pollingFallback() async throws {
        let server = try await ScratchMongod.standalone()
        try await server.withConnection { connection in
            let store = MongoTrialStore(
                connection: connection,
                database: ScratchMongod.freshDatabase(),
                pollInterval: .milliseconds(10),
                logger: .silent
            )
            var count = 0
            for await event in store.watch(.everything) {
                #expect(event == .resync)
                count += 1
                if count == 3 { break }
            }
            #expect(count == 3)
        }
    }

    @Test(
        "a standalone server keeps the other promises too",
        .serialized,
        arguments: TrialStoreConformance.all.filter { !$0.description.hasPrefix("a watcher") }
    )
    func standalone(check: TrialStoreConformance) async throws {
        let server = try await ScratchMongod.standalone()
        try await server.withConnection { connection in
            let store = MongoTrialStore(
                connection: connection,
                database: ScratchMongod.freshDatabase(),
                logger: .silent
            )
            try await store.prepare()
            try await check.run(store)
        }
    }
}
