import BSON
import Testing
import TuningTestKit

@testable import MongoClient

@Suite("Change stream", .timeLimit(.minutes(10)))
struct ChangeStreamTests {
    @Test("opens, then shows the events of its database in order")
    func ordered() async throws {
        let server = try await ScratchMongod.replicaSet()
        try await server.withConnection { connection in
            let items = Namespace(database: ScratchMongod.freshDatabase(), collection: "items")
            let stream = connection.watch(database: items.database, fullDocument: .updateLookup)
            var iterator = stream.makeAsyncIterator()
            #expect(try await iterator.next() == .opened)

            _ = try await connection.insert([["_id": 0]], into: Namespace(database: "elsewhere", collection: "items"))
            _ = try await connection.insert((1...3).map { ["_id": .int($0)] }, into: items)
            _ = try await connection.updateOne(["_id": 2], ["$set": ["x": 1]], in: items)
            _ = try await connection.deleteOne(["_id": 1], in: items)

            var events: [ChangeStream.Event] = []
            while events.count < 5, case .event(let event)? = try await iterator.next() { events.append(event) }
            #expect(events.map(\.operationType) == ["insert", "insert", "insert", "update", "delete"])
            #expect(events.map { $0.document.value(at: "documentKey._id")?.asInt } == [1, 2, 3, 2, 1])
            #expect(events.allSatisfy { $0.collection == "items" })
            #expect(events[3].fullDocument == ["_id": 2, "x": 1])
        }
    }

    @Test("goes on after a resume token and filters by pipeline")
    func resumes() async throws {
        let server = try await ScratchMongod.replicaSet()
        try await server.withConnection { connection in
            let items = Namespace(database: ScratchMongod.freshDatabase(), collection: "items")
            var first = connection.watch(database: items.database).makeAsyncIterator()
            #expect(try await first.next() == .opened)
            _ = try await connection.insert((1...4).map { ["_id": .int($0)] }, into: items)
            guard case .event(let event)? = try await first.next() else {
                Issue.record("there was no first event")
                return
            }
            let second = connection.watch(
                database: items.database,
                pipeline: [["$match": ["documentKey._id": ["$ne": 3]]]],
                resumeAfter: event.resumeToken
            )
            var seen: [Int?] = []
            for try await element in second {
                if case .event(let event) = element { seen.append(event.fullDocument?["_id"]?.asInt) }
                if seen.count == 2 { break }
            }
            #expect(seen == [2, 4])
        }
    }

    @Test("ends its thread when the consumer is cancelled")
    func cancelled() async throws {
        let server = try await ScratchMongod.replicaSet()
        try await server.withConnection { connection in
            let stream = connection.watch(database: ScratchMongod.freshDatabase())
            let (opened, openedSource) = AsyncStream<Void>.makeStream()
            let consumer = Task {
                for try await element in stream where element == .opened { openedSource.finish() }
            }
            for await _ in opened {}
            consumer.cancel()
            _ = await consumer.result
            // Returns only when the watching thread has left libmongoc.
            for await _ in stream.control.end {}
            #expect(stream.control.isStopped)
        }
    }

    @Test("ends without an error when its connection closes")
    func closed() async throws {
        let server = try await ScratchMongod.replicaSet()
        let connection = try MongoConnection(uri: server.uri, logger: .silent)
        var iterator = connection.watch(database: ScratchMongod.freshDatabase()).makeAsyncIterator()
        #expect(try await iterator.next() == .opened)
        await connection.close()
        #expect(try await iterator.next() == nil)
    }

    @Test("ends with an error that says so when its consumer is too slow")
    func overflow() async throws {
        let server = try await ScratchMongod.replicaSet()
        try await server.withConnection { connection in
            let items = Namespace(database: ScratchMongod.freshDatabase(), collection: "items")
            let stream = connection.watch(
                database: items.database,
                pipeline: [],
                fullDocument: .none,
                resumeAfter: nil,
                bufferLimit: 4
            )
            var iterator = stream.makeAsyncIterator()
            #expect(try await iterator.next() == .opened)
            _ = try await connection.insert((1...20).map { ["_id": .int($0)] }, into: items)
            for await _ in stream.control.end {}
            for number in 1...4 {
                guard case .event(let event)? = try await iterator.next() else {
                    Issue.record("event \(number) is missing")
                    return
                }
                #expect(event.fullDocument == ["_id": .int(number)])
            }
            let error = await #expect(throws: MongoError.self) { try await iterator.next() }
            #expect(error?.kind == .changeStreamOverflow)
        }
    }

    @Test("is refused by a standalone server, which serves everything else")
    func standalone() async throws {
        let server = try await ScratchMongod.standalone()
        try await server.withConnection { connection in
            let items = Namespace(database: ScratchMongod.freshDatabase(), collection: "items")
            let description = try await connection.serverDescription()
            #expect(!description.isReplicaSet && !description.hasChangeStreams && description.isWritablePrimary)
            var iterator = connection.watch(database: items.database).makeAsyncIterator()
            let error = await #expect(throws: MongoError.self) { try await iterator.next() }
            #expect(error?.kind == .changeStreamsUnsupported)
            #expect(error?.isRetryable == false)

            _ = try await connection.insert([["_id": 1]], into: items)
            _ = try await connection.updateOne(["_id": 1], ["$set": ["x": 1]], in: items)
            let claimed = try await connection.findAndModify(["_id": 1], ["$inc": ["x": 1]], in: items)
            #expect(claimed == ["_id": 1, "x": 2])
        }
    }

    @Test("ends with an unavailable error when no server answers")
    func unavailable() async throws {
        let port = try ScratchMongod.freePort()
        var options = MongoConnection.Options()
        options.serverSelectionTimeout = .milliseconds(200)
        let connection = try MongoConnection(uri: "mongodb://127.0.0.1:\(port)/", options: options, logger: .silent)
        var iterator = connection.watch(database: "any").makeAsyncIterator()
        let error = await #expect(throws: MongoError.self) { try await iterator.next() }
        #expect(error?.kind == .unavailable)
        await connection.close()
    }
}
