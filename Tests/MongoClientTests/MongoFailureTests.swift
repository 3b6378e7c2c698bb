import BSON
import MongoClient
import Testing
import TuningTestKit

@Suite("Mongo failures", .timeLimit(.minutes(10)))
struct MongoFailureTests {
    @Test("a wrong password is refused and shown nowhere")
    func wrongPassword() async throws {
        let server = try await ScratchMongod.replicaSet()
        let uri = "mongodb://someone:s3cr%2Ft-word@127.0.0.1:\(server.port)/?authSource=admin&replicaSet=scratch"
        try await server.withConnection(uri: uri) { connection in
            let error = await #expect(throws: MongoError.self) { try await connection.serverDescription() }
            #expect(error?.kind == .authenticationFailed)
            #expect(error?.isRetryable == false)
            let text = "\(String(describing: error)) \(error?.description ?? "")"
            #expect(!text.contains("s3cr/t-word") && !text.contains("s3cr%2Ft-word"))
        }
    }

    @Test("no server is told after the selection time-out, as something to try again")
    func noServer() async throws {
        let port = try ScratchMongod.freePort()
        var options = MongoConnection.Options()
        options.serverSelectionTimeout = .milliseconds(200)
        let connection = try MongoConnection(
            uri: "mongodb://me:hidden-word@127.0.0.1:\(port)/",
            options: options,
            logger: .silent
        )
        let error = await #expect(throws: MongoError.self) {
            try await connection.insert([["_id": 1]], into: Namespace(database: "d", collection: "c"))
        }
        #expect(error?.kind == .unavailable)
        #expect(error?.isRetryable == true)
        #expect(error?.description.contains("hidden-word") == false)
        await connection.close()
    }

    @Test(
        "a malformed URI is refused without showing its credentials",
        arguments: [
            "", "nonsense", "postgres://me:hidden-word@host/db", "mongodb://", "mongodb://me:hidden-word@",
            "mongodb://me:hidden%word@host", "mongodb://me:hidden-word@host:99999999/",
            "mongodb://me:hidden-word@host\u{0}:1/",
        ]
    )
    func malformedURI(uri: String) {
        let error = #expect(throws: MongoError.self) { try MongoConnection(uri: uri, logger: .silent) }
        #expect(error?.kind == .malformedURI)
        #expect(error?.description.contains("hidden") == false)
    }

    @Test("a cancelled task does not send its queued call")
    func cancelledCall() async throws {
        let server = try await ScratchMongod.replicaSet()
        try await server.withConnection { connection in
            let items = Namespace(database: ScratchMongod.freshDatabase(), collection: "items")
            let task = Task {
                // Cancelled from within, so that the call certainly starts in a cancelled task.
                withUnsafeCurrentTask { $0?.cancel() }
                return try await connection.insert([["_id": 1]], into: items)
            }
            let result = await task.result
            let error = #expect(throws: MongoError.self) { try result.get() }
            #expect(error?.kind == .cancelled)
            let count = try await connection.countDocuments([:], in: items)
            #expect(count == 0)
        }
    }

    @Test("a query beyond its time limit is told as such")
    func timeLimit() async throws {
        let server = try await ScratchMongod.replicaSet()
        try await server.withConnection { connection in
            let items = Namespace(database: ScratchMongod.freshDatabase(), collection: "items")
            _ = try await connection.insert([["_id": 1]], into: items)
            var options = FindOptions()
            options.maxTime = .milliseconds(1)
            let slow: BSONDocument = ["$where": "sleep(5000) || true"]
            let limited = options
            let error = await #expect(throws: MongoError.self) {
                try await connection.find(slow, options: limited, in: items)
            }
            #expect(error?.kind == .timedOut)
        }
    }
}

/// Serialised: a fail point is one per server, not one per client.
@Suite("Mongo fail points", .serialized, .timeLimit(.minutes(10)))
struct MongoFailPointTests {
    /// Calls that libmongoc must repeat after a lost connection.
    enum Call: String, CaseIterable, Sendable {
        case insert, update, findAndModify, delete, find, aggregate

        func run(_ connection: MongoConnection, _ items: Namespace) async throws {
            switch self {
            case .insert: _ = try await connection.insert([["_id": 2]], into: items)
            case .update: _ = try await connection.updateOne(["_id": 1], ["$inc": ["n": 1]], in: items)
            case .findAndModify: _ = try await connection.findAndModify(["_id": 1], ["$inc": ["n": 1]], in: items)
            case .delete: _ = try await connection.deleteOne(["_id": 1], in: items)
            case .find: _ = try await connection.find(["_id": 1], in: items)
            case .aggregate: _ = try await connection.countDocuments([:], in: items)
            }
        }
    }

    /// Sets a fail point for one application name, so that other suites do not meet it.
    func withFailPoint(
        _ data: BSONDocument,
        times: Int,
        _ body: (MongoConnection, Namespace) async throws -> Void
    ) async throws {
        let server = try await ScratchMongod.replicaSet()
        let items = Namespace(database: ScratchMongod.freshDatabase(), collection: "items")
        var options = MongoConnection.Options()
        options.appName = items.database
        try await server.withConnection { control in
            _ = try await control.insert([["_id": 1, "n": 0]], into: items)
            var data = data
            data["appName"] = .string(items.database)
            _ = try await control.command(
                ["configureFailPoint": "failCommand", "mode": ["times": .int(times)], "data": .document(data)],
                on: "admin"
            )
            try await server.withConnection(options) { try await body($0, items) }
            _ = try await control.command(["configureFailPoint": "failCommand", "mode": "off"], on: "admin")
        }
    }

    @Test("one lost connection is repaired without the caller", arguments: Call.allCases)
    func lostOnce(call: Call) async throws {
        try await withFailPoint(["failCommands": [.string(call.rawValue)], "closeConnection": true], times: 1) {
            connection,
            items in
            try await call.run(connection, items)
            if call == .update || call == .findAndModify {
                #expect(try await connection.findOne(["_id": 1], in: items)?["n"] == 1)
            }
        }
    }

    @Test(
        "a second lost connection reaches the caller as retryable",
        arguments: [Call.insert, .update, .findAndModify]
    )
    func lostTwice(call: Call) async throws {
        try await withFailPoint(["failCommands": [.string(call.rawValue)], "closeConnection": true], times: 2) {
            connection,
            items in
            let error = await #expect(throws: MongoError.self) { try await call.run(connection, items) }
            #expect(error?.kind == .unavailable)
            #expect(error?.isRetryable == true)
            #expect(error?.labels.contains("RetryableWriteError") == true)
            try await call.run(connection, items)
        }
    }

    @Test("a step-down that lasts is told as an interruption")
    func steppingDown() async throws {
        let data: BSONDocument = [
            "failCommands": ["update"], "errorCode": 11602, "errorLabels": ["RetryableWriteError"],
        ]
        try await withFailPoint(data, times: 2) { connection, items in
            let error = await #expect(throws: MongoError.self) { try await Call.update.run(connection, items) }
            #expect(error?.kind == .interrupted)
            #expect(error?.isRetryable == true)
        }
    }

    @Test("an update of many documents is not repeated by the driver")
    func manyOnce() async throws {
        try await withFailPoint(["failCommands": ["update"], "closeConnection": true], times: 1) {
            connection,
            items in
            let error = await #expect(throws: MongoError.self) {
                try await connection.updateMany([:], ["$inc": ["n": 1]], in: items)
            }
            #expect(error?.isRetryable == true)
            _ = try await connection.updateMany([:], ["$inc": ["n": 1]], in: items)
        }
    }

    @Test("a write concern error of the server reaches the caller", arguments: ["insert", "update", "findAndModify"])
    func writeConcernError(name: String) async throws {
        let data: BSONDocument = [
            "failCommands": [.string(name)],
            "writeConcernError": ["code": 64, "codeName": "WriteConcernFailed", "errmsg": "waiting timed out"],
        ]
        try await withFailPoint(data, times: 1) { connection, items in
            let call = try #require(Call(rawValue: name))
            let error = await #expect(throws: MongoError.self) { try await call.run(connection, items) }
            #expect(error?.kind == .writeConcernFailed)
            #expect(error?.isRetryable == true)
        }
    }
}
