import BSON
import Foundation
import Glibc
import MongoClient
import Testing

@testable import EmbeddedMongo

@Suite("Embedded store", .timeLimit(.minutes(10)))
struct EmbeddedStoreTests {
    @Test("starts a store that demands its password, and stops it with the last use")
    func lifecycle() async throws {
        try await StoreSandbox.use { sandbox in
            let store = try await sandbox.open()
            let process = try sandbox.process()
            #expect(store.endpoint.pid == process.pid)
            #expect(store.endpoint.isReady)
            try await command(["insert": "c", "documents": [["_id": 1]]], on: "hyper", store.uri)

            let anonymous = "mongodb://127.0.0.1:\(store.endpoint.port)/?directConnection=true"
            for attempt: BSONDocument in [
                ["listDatabases": 1], ["find": "c"],
                ["createUser": "eve", "pwd": "e", "roles": ["root"]],
            ] {
                let error = await #expect(throws: MongoError.self) { try await command(attempt, anonymous) }
                #expect(error?.kind == .notAuthorized)
            }

            #expect(await store.close() == .stopped)
            #expect(await store.close() == .stopped)
            #expect(kill(process.pid, 0) != 0)
            #expect(try EndpointFile.read(sandbox.directory)?.isReady == false)
        }
    }

    @Test("keeps key, endpoint, locks and log for the owner alone, and the password out of every log")
    func privacy() async throws {
        try await StoreSandbox.use { sandbox in
            let store = try await sandbox.open()
            let directory = sandbox.directory
            for path in [
                directory.endpointFile, directory.keyFile, directory.logFile, directory.usersLock, directory.startLock,
            ] {
                #expect(StoreSandbox.mode(of: path) == 0o600, "\(path)")
            }
            let arguments = try String(contentsOfFile: "/proc/\(store.endpoint.pid)/cmdline", encoding: .utf8)
            let mongodLog = try String(contentsOfFile: directory.logFile, encoding: .utf8)
            let key = try String(contentsOfFile: directory.keyFile, encoding: .utf8).filter { !$0.isWhitespace }
            await store.close()
            for text in sandbox.log.all + [arguments, mongodLog, store.redactedURI] {
                #expect(!text.contains(store.endpoint.password))
                #expect(!text.contains(key))
            }
        }
    }

    @Test("gives its programs data, but neither users nor the configuration of the set")
    func roles() async throws {
        try await StoreSandbox.use { sandbox in
            let store = try await sandbox.open()
            try await command(["createIndexes": "c", "indexes": [["key": ["a": 1], "name": "a"]]], on: "x", store.uri)
            try await command(["replSetGetStatus": 1], store.uri)
            let changes: [BSONDocument] = [
                ["createUser": "eve", "pwd": "e", "roles": ["root"]], ["shutdown": 1],
                ["replSetReconfig": ["_id": "hyper"], "force": true],
            ]
            for change in changes {
                let error = await #expect(throws: MongoError.self) { try await command(change, store.uri) }
                #expect(error?.kind == .notAuthorized)
            }
            await store.close()
        }
    }

    @Test("is shared: the second use adopts the same mongod, which outlives the first")
    func sharing() async throws {
        try await StoreSandbox.use { sandbox in
            let first = try await sandbox.open()
            let second = try await sandbox.open(mongod: "/nowhere/mongod")
            #expect(second.endpoint == first.endpoint)
            #expect(await first.close() == .stillInUse)
            try await command(["ping": 1], second.uri)
            #expect(await second.close() == .stopped)
        }
    }

    @Test("is started once by two at the same time")
    func concurrentOpens() async throws {
        try await StoreSandbox.use { sandbox in
            async let first = sandbox.open()
            async let second = sandbox.open()
            let stores = try await [first, second]
            #expect(stores[0].endpoint == stores[1].endpoint)
            #expect(sandbox.log.all.filter { $0.contains("started mongod") }.count == 1)
            async let left = stores[0].close()
            async let right = stores[1].close()
            let outcomes = await [left, right]
            #expect(outcomes.contains(.stillInUse) && outcomes.contains(.stopped))
        }
    }

    @Test("keeps data, port and password over a restart")
    func restart() async throws {
        try await StoreSandbox.use { sandbox in
            let first = try await sandbox.open()
            try await command(["insert": "c", "documents": [["_id": 7]]], on: "hyper", first.uri)
            await first.close()
            let second = try await sandbox.open()
            #expect(second.uri == first.uri)
            let found = try await command(["count": "c"], on: "hyper", second.uri)
            #expect(found["n"]?.asInt == 1)
            await second.close()
        }
    }

    @Test("takes another port when the old one is taken, and keeps its data")
    func portTaken() async throws {
        try await StoreSandbox.use { sandbox in
            let first = try await sandbox.open()
            try await command(["insert": "c", "documents": [["_id": 7]]], on: "hyper", first.uri)
            await first.close()
            let listener = try Listener(port: first.endpoint.port)
            let second = try await sandbox.open()
            #expect(second.endpoint.port != first.endpoint.port)
            #expect(second.endpoint.password == first.endpoint.password)
            let found = try await command(["count": "c"], on: "hyper", second.uri)
            #expect(found["n"]?.asInt == 1)
            await second.close()
            withExtendedLifetime(listener) {}
        }
    }

    @Test("opens to other nodes on request, restarting a mongod that nobody else uses")
    func listening() async throws {
        try await StoreSandbox.use { sandbox in
            let listening = try StoreListening(address: "127.0.0.2", advertise: nil)
            let local = try await sandbox.open()
            #expect(local.advertisedURI == nil)
            await #expect(throws: EmbeddedMongoError.restartNeeded(pid: local.endpoint.pid)) {
                try await sandbox.open(listening: listening)
            }
            try await command(["ping": 1], local.uri)
            local.abandon()

            let wide = try await sandbox.open(listening: listening)
            #expect(wide.uri == local.uri)
            #expect(wide.endpoint.pid != local.endpoint.pid)
            let remote = try #require(wide.advertisedURI)
            #expect(remote.contains("@127.0.0.2:"))
            try await command(["insert": "c", "documents": [["_id": 1]]], on: "hyper", remote)
            let guest = try await sandbox.open()
            #expect(guest.endpoint == wide.endpoint)
            await guest.close()
            await wide.close()

            let again = try await sandbox.open()
            #expect(again.advertisedURI == nil)
            await again.close()
        }
    }

    @Test("opened by a cancelled task leaves no process behind")
    func cancellation() async throws {
        try await StoreSandbox.use { sandbox in
            let fake = try await sandbox.fakeMongod("exec sleep 600")
            let opening = Task { try await sandbox.open(mongod: fake) }
            var pid: Int32?
            for await line in sandbox.log.lines where line.contains("started mongod") {
                pid = line.firstMatch(of: /"pid": (\d+)/).flatMap { Int32($0.1) }
                break
            }
            opening.cancel()
            await #expect(throws: CancellationError.self) { try await opening.value }
            #expect(kill(try #require(pid), 0) != 0)
        }
    }
}

/// A stranger on a port.
final class Listener: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var isOn: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, listen(descriptor, 1) == 0 else { throw SandboxFailure(text: "port \(port): \(errno)") }
    }

    deinit { close(descriptor) }
}
