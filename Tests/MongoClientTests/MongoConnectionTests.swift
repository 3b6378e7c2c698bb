import BSON
import MongoClient
import Testing
import TuningTestKit

@Suite("Mongo connection", .timeLimit(.minutes(10)))
struct MongoConnectionTests {
    /// Runs `body` with a connection and a collection of its own.
    func withCollection(
        _ options: MongoConnection.Options = .init(),
        _ body: (MongoConnection, Namespace) async throws -> Void
    ) async throws {
        let server = try await ScratchMongod.replicaSet()
        try await server.withConnection(options) { connection in
            try await body(connection, Namespace(database: ScratchMongod.freshDatabase(), collection: "items"))
        }
    }

    @Test("describes a replica set")
    func describesReplicaSet() async throws {
        try await withCollection { connection, _ in
            let description = try await connection.serverDescription()
            #expect(description.version >= .init(6, 0))
            #expect(description.isReplicaSet && description.isWritablePrimary && description.hasChangeStreams)
            #expect(description.setName == "scratch")
        }
    }

    @Test("reads from the primary, whatever the connection string prefers")
    func readsFromPrimary() async throws {
        let server = try await ScratchMongod.replicaSet()
        var options = MongoConnection.Options()
        // There is no secondary to be found.
        options.serverSelectionTimeout = .seconds(2)
        let items = Namespace(database: ScratchMongod.freshDatabase(), collection: "items")
        try await server.withConnection(options, uri: server.uri + "&readPreference=secondary") { connection in
            _ = try await connection.insert([["_id": 1]], into: items)
            #expect(try await connection.countDocuments([:], in: items) == 1)
            #expect(try await connection.findOne([:], in: items) != nil)
            #expect(try await connection.readCommand(["ping": 1], on: "admin")["ok"]?.asInt == 1)
        }
    }

    @Test("inserts, finds, updates, counts and deletes")
    func basics() async throws {
        try await withCollection { connection, items in
            let documents = (1...5).map { ["_id": .int($0), "even": .bool($0.isMultiple(of: 2))] as BSONDocument }
            let inserted = try await connection.insert(documents, into: items)
            #expect(inserted == .init(insertedCount: 5, duplicateKeyIndexes: []))

            let found = try await connection.find(
                ["even": false],
                options: FindOptions(sort: ["_id": -1], projection: ["_id": 1], limit: 2),
                in: items
            )
            #expect(found == [["_id": 5], ["_id": 3]])
            #expect(try await connection.findOne(["_id": 9], in: items) == nil)

            let one = try await connection.updateOne(["_id": 1], ["$set": ["x": 1]], in: items)
            #expect(one == .init(matchedCount: 1, modifiedCount: 1, upsertedID: nil))
            let many = try await connection.updateMany(
                ["even": true],
                [["$set": ["y": ["$add": ["$_id", 1]]]]],
                in: items
            )
            #expect(many == .init(matchedCount: 2, modifiedCount: 2, upsertedID: nil))
            #expect(try await connection.findOne(["_id": 4], in: items)?["y"] == 5)
            let none = try await connection.updateOne(["_id": 9], ["$set": ["x": 1]], in: items)
            #expect(none == .init(matchedCount: 0, modifiedCount: 0, upsertedID: nil))
            let upserted = try await connection.updateOne(["_id": 10], ["$set": ["x": 1]], in: items, upsert: true)
            #expect(upserted == .init(matchedCount: 0, modifiedCount: 0, upsertedID: 10))
            let replaced = try await connection.updateOne(["_id": 10], ["even": "no"], in: items)
            #expect(replaced == .init(matchedCount: 1, modifiedCount: 1))
            #expect(try await connection.findOne(["_id": 10], in: items) == ["_id": 10, "even": "no"])
            let byPipeline = try await connection.updateOne(["_id": 10], [["$set": ["even": "$_id"]]], in: items)
            #expect(byPipeline.modifiedCount == 1)
            #expect(try await connection.findOne(["_id": 10], in: items)?["even"] == 10)
            let filtered = try await connection.updateOne(
                ["_id": 3],
                ["$set": ["list": [1, 2, 3]]],
                in: items
            )
            #expect(filtered.modifiedCount == 1)
            _ = try await connection.updateOne(
                ["_id": 3],
                ["$set": ["list.$[x]": 0]],
                in: items,
                arrayFilters: [["x": ["$gte": 2]]],
                hint: ["_id": 1]
            )
            #expect(try await connection.findOne(["_id": 3], in: items)?["list"] == [1, 0, 0])

            #expect(try await connection.countDocuments(["even": true], in: items) == 2)
            #expect(try await connection.countDocuments(["even": "never"], in: items) == 0)
            #expect(try await connection.deleteOne(["even": true], in: items))
            #expect(try await connection.deleteMany([:], in: items, writeConcern: .acknowledged) == 5)
            #expect(try await connection.countDocuments([:], in: items) == 0)
        }
    }

    @Test("tells duplicate keys of an unordered and an ordered insert as an outcome")
    func duplicates() async throws {
        try await withCollection { connection, items in
            _ = try await connection.insert([["_id": 2], ["_id": 4]], into: items)
            let batch: [BSONDocument] = (1...5).map { ["_id": .int($0)] }
            let ordered = try await connection.insert(batch, into: items)
            #expect(ordered == .init(insertedCount: 1, duplicateKeyIndexes: [1]))
            let unordered = try await connection.insert(batch, into: items, ordered: false)
            #expect(unordered == .init(insertedCount: 2, duplicateKeyIndexes: [0, 1, 3]))
        }
    }

    @Test("throws the duplicate key of an update")
    func duplicateUpdate() async throws {
        try await withCollection { connection, items in
            let index = IndexSpecification(keys: ["exp_key": 1, "tid": 1], name: "trial", isUnique: true)
            try await connection.createIndexes([index], on: items)
            try await connection.createIndexes([index], on: items)
            _ = try await connection.insert([["exp_key": "a", "tid": 1], ["exp_key": "a", "tid": 2]], into: items)
            let error = await #expect(throws: MongoError.self) {
                try await connection.updateOne(["tid": 2], ["$set": ["tid": 1]], in: items)
            }
            #expect(error?.kind == .duplicateKey)
            #expect(error?.isRetryable == false)
        }
    }

    @Test("keeps partial and expiring indexes as they were specified")
    func indexes() async throws {
        try await withCollection { connection, items in
            try await connection.createIndexes(
                [
                    IndexSpecification(keys: ["at": 1], name: "ttl", expireAfter: .seconds(60)),
                    IndexSpecification(
                        keys: ["a": 1, "b": -1],
                        name: "part",
                        partialFilterExpression: ["a": ["$gt": 1]]
                    ),
                ],
                on: items
            )
            let reply = try await connection.readCommand(
                ["listIndexes": .string(items.collection)],
                on: items.database
            )
            let listed = try reply.require(at: "cursor.firstBatch").array.compactMap(\.asDocument)
            #expect(listed.map { $0["name"] } == ["_id_", "ttl", "part"])
            #expect(listed[1]["expireAfterSeconds"]?.asInt == 60)
            #expect(listed[2]["key"] == ["a": 1, "b": -1])
            #expect(listed[2]["partialFilterExpression"] == ["a": ["$gt": 1]])
        }
    }

    @Test("claims with a pipeline that reads the server's clock")
    func findAndModify() async throws {
        try await withCollection { connection, items in
            _ = try await connection.insert([["_id": 1, "attempt": 0], ["_id": 2, "attempt": 0]], into: items)
            let claim: MongoUpdate = [["$set": ["attempt": ["$add": ["$attempt", 1]], "at": "$$NOW"]]]
            let claimed = try await connection.findAndModify(["attempt": 0], claim, sort: ["_id": -1], in: items)
            #expect(claimed?["_id"] == 2)
            #expect(claimed?["attempt"] == 1)
            #expect(claimed?["at"]?.asDate != nil)
            let before = try await connection.findAndModify(
                ["_id": 1],
                ["$set": ["attempt": 5]],
                fields: ["attempt": 1, "_id": 0],
                returnNew: false,
                in: items
            )
            #expect(before == ["attempt": 0])
            #expect(try await connection.findAndModify(["_id": 3], claim, in: items) == nil)
            #expect(try await connection.findAndRemove(["_id": 1], in: items)?["attempt"] == 5)
            #expect(try await connection.countDocuments([:], in: items) == 1)
        }
    }

    @Test("aggregates, reads with majority and explains")
    func reads() async throws {
        try await withCollection { connection, items in
            _ = try await connection.insert((1...4).map { ["n": .int($0)] }, into: items)
            let sums = try await connection.aggregate(
                [["$group": ["_id": nil, "sum": ["$sum": "$n"]]]],
                in: items,
                readConcern: .majority
            )
            #expect(sums.first?["sum"] == 10)
            var options = FindOptions(sort: ["n": 1], skip: 2, hint: ["_id": 1])
            options.readConcern = .majority
            #expect(try await connection.find([:], options: options, in: items).map { $0["n"] } == [3, 4])
            let plan = try await connection.explainFind(["n": 1], in: items)
            #expect(plan.value(at: "executionStats.nReturned")?.asInt == 1)
        }
    }

    @Test("hands a large result over in batches, and ends when the closure throws")
    func batches() async throws {
        struct Enough: Error {}
        try await withCollection { connection, items in
            _ = try await connection.insert((0..<2500).map { ["_id": .int($0)] }, into: items)
            let seen = Collected<[Int]>([])
            try await connection.findEach([:], options: FindOptions(sort: ["_id": 1]), in: items) { batch in
                seen.update { $0.append(batch.count) }
            }
            #expect(seen.value == [1000, 1000, 500])
            await #expect(throws: Enough.self) {
                try await connection.findEach([:], in: items) { _ in throw Enough() }
            }
            try await connection.findEach(["_id": -1], in: items) { _ in seen.update { $0.append(-1) } }
            #expect(seen.value.count == 3)
        }
    }

    @Test("serves 32 callers at once over four clients")
    func concurrency() async throws {
        var options = MongoConnection.Options()
        options.maxPoolSize = 4
        try await withCollection(options) { connection, items in
            _ = try await connection.insert([["_id": 1, "n": 0]], into: items)
            let answers = try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        try await connection.findAndModify(["_id": 1], ["$inc": ["n": 1]], in: items)?["n"]?.asInt
                    }
                }
                return try await group.reduce(into: Set<Int?>()) { $0.insert($1) }
            }
            #expect(answers == Set((1...32).map(Optional.some)))
        }
    }

    @Test("reports a refused command with its code and name")
    func refusedCommand() async throws {
        try await withCollection { connection, items in
            let unknown = await #expect(throws: MongoError.self) {
                try await connection.command(["noSuchCommand": 1], on: "admin")
            }
            #expect(unknown?.kind == .commandFailed(code: 59, codeName: "CommandNotFound"))
            let badUpdate = await #expect(throws: MongoError.self) {
                try await connection.updateOne([:], ["$nonsense": ["a": 1]], in: items)
            }
            #expect(badUpdate?.kind == .commandFailed(code: 9, codeName: ""))
        }
    }

    @Test("refuses documents and names that cannot be sent")
    func invalidDocuments() async throws {
        try await withCollection { connection, items in
            let key = "a\u{0}b"
            for attempt in 0..<4 {
                let error = await #expect(throws: MongoError.self) {
                    switch attempt {
                    case 0: _ = try await connection.insert([[key: 1]], into: items)
                    case 1: _ = try await connection.find([key: 1], in: items)
                    case 2: _ = try await connection.updateOne([:], ["$set": [key: 1]], in: items)
                    default:
                        _ = try await connection.countDocuments(
                            [:],
                            in: Namespace(database: items.database, collection: "items\u{0}other")
                        )
                    }
                }
                #expect(error?.kind == .invalidDocument)
            }
            let count = try await connection.countDocuments([:], in: items)
            #expect(count == 0)
        }
    }

    @Test("keeps empty and dotted keys and text with NUL")
    func unusualDocuments() async throws {
        try await withCollection { connection, items in
            let document: BSONDocument = ["_id": 1, "": ["a.b": 1, "$c": "x\u{0}y"]]
            _ = try await connection.insert([document], into: items)
            #expect(try await connection.find([:], in: items) == [document])
        }
    }

    @Test("refuses calls after it was closed, and closes once")
    func closing() async throws {
        let server = try await ScratchMongod.replicaSet()
        let connection = try MongoConnection(uri: server.uri, logger: .silent)
        _ = try await connection.serverDescription()
        async let first: Void = connection.close()
        async let second: Void = connection.close()
        _ = await (first, second)
        let error = await #expect(throws: MongoError.self) { try await connection.serverDescription() }
        #expect(error?.kind == .closed)
        var iterator = connection.watch(database: "any").makeAsyncIterator()
        let watchError = await #expect(throws: MongoError.self) { try await iterator.next() }
        #expect(watchError?.kind == .closed)
    }
}
