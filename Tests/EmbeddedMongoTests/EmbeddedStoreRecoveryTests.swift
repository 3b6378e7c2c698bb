import BSON
import Foundation
import Glibc
import MongoClient
import Testing

@testable import EmbeddedMongo

/// The store after somebody was killed, at each point of a start.
@Suite("Embedded store recovery", .timeLimit(.minutes(10)))
struct EmbeddedStoreRecoveryTests {
    /// Opens, counts one document of an earlier life, and stops for good.
    private func expectSound(_ sandbox: StoreSandbox, documents: Int, pid: Int32? = nil) async throws {
        let store = try await sandbox.open()
        if let pid { #expect(store.endpoint.pid == pid) }
        #expect(try EndpointFile.read(sandbox.directory) == store.endpoint)
        #expect(store.endpoint.isReady)
        try await command(["insert": "after", "documents": [["_id": 1]]], on: "hyper", store.uri)
        #expect(try await command(["count": "c"], on: "hyper", store.uri)["n"]?.asInt == documents)
        #expect(await store.close() == .stopped)
    }

    /// A store with one document whose opener was killed.
    private func abandoned(_ sandbox: StoreSandbox) async throws -> Endpoint {
        let store = try await sandbox.open()
        try await command(["insert": "c", "documents": [["_id": 1]]], on: "hyper", store.uri)
        store.abandon()
        return store.endpoint
    }

    /// A mongod on another port that nobody has told the replica set of.
    ///
    /// It is awaited: an opener that comes before it has the directory would start a mongod of its own. The free port may be
    /// taken by a parallel test before mongod has it; then the next one is tried.
    private func listeningMongod(_ sandbox: StoreSandbox) async throws -> MongodChild {
        let environment = ProcessInfo.processInfo.environment
        for _ in 0..<5 {
            let port = try #require(LoopbackPort.free())
            let child = try MongodChild(
                try await MongodBinary.find(explicit: nil, environment: environment),
                commandLine: MongodCommandLine(port: port, listening: nil),
                usesIPv6: false,
                directory: sandbox.directory,
                environment: environment
            )
            let deadline = Deadline(after: .seconds(120))
            while child.ending == nil, !deadline.hasPassed {
                let log = try String(contentsOfFile: sandbox.directory.logFile, encoding: .utf8)
                if log.contains(#""Waiting for connections","attr":{"port":\#(port)"#) { return child }
                try await deadline.pause(MongodChild.pollInterval)
            }
            #expect(await child.terminate(timeout: .seconds(60)))
        }
        throw EmbeddedMongoError.noFreePort(lastTried: nil)
    }

    private func systemURI(_ sandbox: StoreSandbox, port: Int) throws -> String {
        let key = try #require(try PrivateFile.read(sandbox.directory.keyFile))
        let password = String(decoding: key, as: UTF8.self).filter { !$0.isWhitespace }
        return "mongodb://__system:\(password)@127.0.0.1:\(port)/?authSource=local&directConnection=true"
            + "&authMechanism=SCRAM-SHA-256"
    }

    @Test("adopts the mongod of a killed opener")
    func opener() async throws {
        try await StoreSandbox.use { sandbox in
            let before = try await abandoned(sandbox)
            try await expectSound(sandbox, documents: 1, pid: before.pid)
        }
    }

    @Test("starts again after kill -9 of mongod, with everything that was written")
    func mongod() async throws {
        try await StoreSandbox.use { sandbox in
            _ = try await abandoned(sandbox)
            kill(try sandbox.process().pid, SIGKILL)
            // At once, while the process may still be on its way out.
            try await expectSound(sandbox, documents: 1)
        }
    }

    @Test("after a kill before mongod was started: only the key, or key and endpoint", arguments: [false, true])
    func beforeSpawn(hasEndpoint: Bool) async throws {
        try await StoreSandbox.use { sandbox in
            try PrivateFile.write(Array("c2VjcmV0c2VjcmV0\n".utf8), to: sandbox.directory.keyFile)
            if hasEndpoint {
                let planned = Endpoint(
                    isReady: false,
                    host: "127.0.0.1",
                    port: try #require(LoopbackPort.free()),
                    user: "hyper",
                    password: "planned",
                    replicaSet: "hyper",
                    pid: 0,
                    version: "6.0.5",
                    machine: "",
                    listening: nil
                )
                try EndpointFile.write(planned, to: sandbox.directory)
            }
            try await expectSound(sandbox, documents: 0)
        }
    }

    @Test("after a kill right behind the start of mongod, before its replica set exists")
    func beforeInitiate() async throws {
        try await StoreSandbox.use { sandbox in
            try PrivateFile.write(Array("c2VjcmV0c2VjcmV0\n".utf8), to: sandbox.directory.keyFile)
            let environment = ProcessInfo.processInfo.environment
            let binary = try await MongodBinary.find(explicit: nil, environment: environment)
            let port = try #require(LoopbackPort.free())
            let child = try MongodChild(
                binary,
                commandLine: MongodCommandLine(port: port, listening: nil),
                usesIPv6: false,
                directory: sandbox.directory,
                environment: environment
            )
            // No lock file may exist yet: then a second mongod is tried, and one of the two gives way.
            try await expectSound(sandbox, documents: 0)
            #expect(await child.terminate(timeout: .seconds(60)))
        }
    }

    @Test("after a kill between replica set and user")
    func beforeUser() async throws {
        try await StoreSandbox.use { sandbox in
            var endpoint = try await abandoned(sandbox)
            try await command(["dropUser": "hyper"], systemURI(sandbox, port: endpoint.port))
            endpoint.isReady = false
            endpoint.pid = 0
            try EndpointFile.write(endpoint, to: sandbox.directory)
            try await expectSound(sandbox, documents: 1)
        }
    }

    @Test("after the loss of the endpoint file, with mongod running or not", arguments: [true, false])
    func endpointLost(isRunning: Bool) async throws {
        try await StoreSandbox.use { sandbox in
            let before = try await abandoned(sandbox)
            if !isRunning { await sandbox.killHard(try sandbox.process()) }
            unlink(sandbox.directory.endpointFile)
            try await expectSound(sandbox, documents: 1, pid: isRunning ? before.pid : nil)
            #expect(try EndpointFile.read(sandbox.directory)?.password != before.password)
        }
    }

    @Test("after the loss of endpoint file and key, by a restart with a new key")
    func keyLost() async throws {
        try await StoreSandbox.use { sandbox in
            _ = try await abandoned(sandbox)
            unlink(sandbox.directory.endpointFile)
            unlink(sandbox.directory.keyFile)
            try await expectSound(sandbox, documents: 1)
        }
    }

    @Test("after a kill between a new port and the replica set's configuration")
    func beforeReconfigure() async throws {
        try await StoreSandbox.use { sandbox in
            let before = try await abandoned(sandbox)
            await sandbox.killHard(try sandbox.process())
            let child = try await listeningMongod(sandbox)
            try await expectSound(sandbox, documents: 1, pid: child.pid)
            #expect(try EndpointFile.read(sandbox.directory)?.port != before.port)
        }
    }

    @Test("does not trust a pid in the files that belongs to another program by now")
    func reusedPID() async throws {
        try await StoreSandbox.use { sandbox in
            var endpoint = try await abandoned(sandbox)
            await sandbox.killHard(try sandbox.process())
            endpoint.pid = getpid()
            try EndpointFile.write(endpoint, to: sandbox.directory)
            try Data("\(getpid())\n".utf8).write(
                to: URL(fileURLWithPath: sandbox.directory.databasePath + "/mongod.lock")
            )
            try await expectSound(sandbox, documents: 1)
        }
    }

    @Test("under a running server: mongod comes back on its port, and the same URI works")
    func ensureRunning() async throws {
        try await StoreSandbox.use { sandbox in
            let store = try await sandbox.open()
            #expect(try await !store.ensureRunning())
            await sandbox.killHard(try sandbox.process())
            #expect(try await store.ensureRunning())
            #expect(store.endpoint.pid == (try sandbox.process().pid))
            try await command(["ping": 1], store.uri)
            #expect(await store.close() == .stopped)
            await #expect(throws: EmbeddedMongoError.closed) { try await store.ensureRunning() }
        }
    }

    @Test("by the watch of a server, which ends when it is cancelled")
    func keepRunning() async throws {
        try await StoreSandbox.use { sandbox in
            var timeouts = EmbeddedStoreTimeouts()
            timeouts.supervision = .milliseconds(20)
            let store = try await sandbox.open(timeouts: timeouts)
            let before = try sandbox.process()
            let watch = Task { await store.keepRunning() }
            await sandbox.killHard(before)
            // The second start is the watch's.
            var starts = 0
            for await line in sandbox.log.lines where line.contains("started mongod") {
                starts += 1
                if starts == 2 { break }
            }
            // Waits until that start is finished, since both take the start lock.
            _ = try await store.ensureRunning()
            #expect(try sandbox.process().pid != before.pid)
            try await command(["ping": 1], store.uri)
            watch.cancel()
            await watch.value
            #expect(await store.close() == .stopped)
        }
    }

    @Test("for a second user of a mongod that was killed keeps the port that the first one knows")
    func secondUser() async throws {
        try await StoreSandbox.use { sandbox in
            let listening = try StoreListening(address: "127.0.0.2", advertise: nil)
            let first = try await sandbox.open(listening: listening)
            await sandbox.killHard(try sandbox.process())
            let second = try await sandbox.open()
            #expect(second.uri == first.uri)
            #expect(second.advertisedURI == first.advertisedURI)
            try await command(["ping": 1], first.uri)
            #expect(await second.close() == .stillInUse)
            #expect(await first.close() == .stopped)
        }
    }
}
