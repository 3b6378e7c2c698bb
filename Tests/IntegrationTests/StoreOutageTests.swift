import BSON
import Foundation
import Glibc
import MongoClient
import Testing
import TuningTestKit

@Suite("While the store is away")
struct StoreOutageTests {
    /// A database behind a line that can be cut, and programs that know only the line.
    private struct Line {
        let sandbox: Sandbox
        let mongod: ScratchMongod
        let proxy: FaultProxy
        let database: String

        /// Runs the body with a database of its own. Clients of the sandbox go past the line.
        ///
        /// A call gives up sooner than usual, so that the tests need not wait for it.
        static func use(
            lease: Int? = nil,
            options: String = "&serverSelectionTimeoutMS=1500",
            _ body: (Line) async throws -> Void
        ) async throws {
            let mongod = try await ScratchMongod.replicaSet()
            let proxy = try FaultProxy(to: mongod.port)
            defer { proxy.close() }
            let database = "outage_\(getpid())_\(proxy.port)"
            var environment = [
                "HYPER_MONGO_URI": "mongodb://127.0.0.1:\(mongod.port)/?directConnection=true",
                "HYPER_DATABASE": database,
            ]
            if let lease { environment["HYPER_LEASE_SECONDS"] = "\(lease)" }
            try await Sandbox.use(environment) { sandbox in
                try await body(
                    Line(sandbox: sandbox, mongod: mongod, proxy: proxy, database: database, options: options)
                )
            }
        }

        private let options: String

        private init(sandbox: Sandbox, mongod: ScratchMongod, proxy: FaultProxy, database: String, options: String) {
            self.sandbox = sandbox
            self.mongod = mongod
            self.proxy = proxy
            self.database = database
            self.options = options
        }

        private var proxied: [String: String] {
            ["HYPER_MONGO_URI": "mongodb://127.0.0.1:\(proxy.port)/?directConnection=true\(options)"]
        }

        func server() async throws -> RunningProgram {
            let server = try sandbox.server("start", environment: proxied)
            try await server.waitForLine(containing: "leads the experiments of")
            return server
        }

        func worker() async throws -> RunningProgram {
            let worker = try sandbox.worker("--drain-timeout", "1", environment: proxied)
            return worker
        }

        /// Lets the database itself wait, so that leases run out by its clock.
        func pass(_ duration: Duration) async throws {
            try await mongod.withConnection(uri: "mongodb://127.0.0.1:\(mongod.port)/?directConnection=true") {
                connection in
                let milliseconds = Int(duration.components.seconds * 1000)
                _ = try await connection.command(
                    ["sleep": 1, "lock": "none", "millis": .int(milliseconds)],
                    on: "admin"
                )
            }
        }

        /// Files with results that wait.
        var waiting: [String] {
            let names = FileManager.default.enumerator(atPath: sandbox.directory + "/work/spool")?.allObjects ?? []
            return names.compactMap { $0 as? String }.filter { $0.hasSuffix(".json") }.sorted()
        }
    }

    @Test("cut for longer than a lease while a trial ends, the result counts, once, and nobody loses the trial")
    func longerThanLease() async throws {
        try await Line.use(lease: 2) { line in
            let sandbox = line.sandbox
            let server = try await line.server()
            let worker = try await line.worker()
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 2))
            _ = try await sandbox.gate.next()
            line.proxy.cut()
            try await server.waitForLine(containing: "the store is away")
            try await worker.waitForLine(containing: "the store is away")
            try sandbox.gate.release()
            try await worker.waitForLine(containing: "is kept on disk until the store is back")
            #expect(line.waiting.count == 1)
            try await line.pass(.seconds(3))
            try line.proxy.pass()
            try await worker.waitForLine(containing: "the store is back after")
            try await server.waitForLine(containing: "the store is back after")
            try sandbox.gate.open()
            try await server.waitForLine(containing: "is completed")
            let trials = try await sandbox.trials(id)
            try sandbox.expectEachTrialDoneOnce(trials, count: 2)
            #expect(trials.allSatisfy { $0.attempts.count == 1 }, "\(trials.map(\.causes))")
            worker.signal(SIGTERM)
            try await worker.waitForExit()
            #expect(line.waiting.isEmpty)
        }
    }

    @Test("results of a worker that is killed, and of one that is told to stop, are delivered by the next one")
    func nextWorkerDelivers() async throws {
        // Long enough for the leader's grace to cover the restart on a slow machine.
        try await Line.use(lease: 60) { line in
            let sandbox = line.sandbox
            let server = try await line.server()
            let workers = [try await line.worker(), try await line.worker()]
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 2))
            _ = try await sandbox.gate.next(2)
            line.proxy.cut()
            try sandbox.gate.open()
            for worker in workers {
                try await worker.waitForLine(containing: "is kept on disk until the store is back")
            }
            try await workers[0].killHard()
            workers[1].signal(SIGTERM)
            try await workers[1].waitForLine(containing: "the next worker of this host with the same --workdir")
            #expect(try await workers[1].waitForExit() == .exited(0))
            #expect(line.waiting.count == 2)
            let next = try await line.worker()
            try line.proxy.pass()
            try await next.waitForLine(containing: "delivered the result of trial", occurrence: 2)
            try await server.waitForLine(containing: "is completed")
            let trials = try await sandbox.trials(id)
            try sandbox.expectEachTrialDoneOnce(trials, count: 2)
            #expect(Set(trials.flatMap { $0.attempts.compactMap(\.workerPID) }) == Set(workers.map(\.pid)))
            next.signal(SIGTERM)
            try await next.waitForExit()
            #expect(line.waiting.isEmpty)
        }
    }

    @Test("replies that are lost after their write make nothing happen twice")
    func lostReplies() async throws {
        try await Line.use { line in
            let sandbox = line.sandbox
            let proxy = line.proxy
            // Twice each: the driver makes the first of them good by itself.
            for _ in 0..<2 {
                proxy.lose(.reply) { $0.command == "findAndModify" && $0.contains("book_time") && $0.contains("$$NOW") }
                proxy.lose(.reply) { $0.command == "findAndModify" && $0.contains("attempts.0.cause") }
                proxy.lose(.reply) { $0.command == "findAndModify" && $0.contains("$next_tid") }
                proxy.lose(.reply) { $0.command == "insert" && $0.contains("misc") }
                proxy.lose(.reply) { $0.command == "insert" && $0.contains("loss") && $0.contains("metric") }
                proxy.lose(.reply) { $0.command == "insert" && $0.contains("stdout") }
            }
            let server = try await line.server()
            let worker = try await line.worker()
            try sandbox.gate.open()
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 5))
            for _ in 0..<6 { try await proxy.wait(for: .replyLost(command: "findAndModify")) }
            for _ in 0..<6 { try await proxy.wait(for: .replyLost(command: "insert")) }
            try await server.waitForLine(containing: "is completed")
            let trials = try await sandbox.trials(id)
            try sandbox.expectEachTrialDoneOnce(trials, count: 5)
            let output = try await sandbox.client("logs", id, "1")
            #expect(output.output.components(separatedBy: "begins\n").count == 2, "\(output.story)")
            worker.signal(SIGTERM)
            try await worker.waitForExit()
            #expect(line.waiting.isEmpty)
        }
    }

    @Test("on a line that is half open nothing hangs for ever, and the result counts")
    func halfOpen() async throws {
        // Shorter than usual, so that the test need not wait for half a minute.
        try await Line.use(options: "&socketTimeoutMS=2000&connectTimeoutMS=1000&serverSelectionTimeoutMS=1000") {
            line in
            let sandbox = line.sandbox
            let server = try await line.server()
            let worker = try await line.worker()
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 1))
            _ = try await sandbox.gate.next()
            try line.proxy.hang()
            try sandbox.gate.open()
            try await line.proxy.wait(for: .swallowed)
            try await worker.waitForLine(containing: "is kept on disk until the store is back")
            try await server.waitForLine(containing: "the store is away")
            try line.proxy.pass()
            try await server.waitForLine(containing: "is completed")
            let trials = try await sandbox.trials(id)
            try sandbox.expectEachTrialDoneOnce(trials, count: 1)
            #expect(trials.first?.attempts.count == 1)
        }
    }
}
