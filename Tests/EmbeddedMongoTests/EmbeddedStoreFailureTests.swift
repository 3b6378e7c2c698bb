import Foundation
import Glibc
import Testing

@testable import EmbeddedMongo

@Suite("Embedded store failures", .timeLimit(.minutes(10)))
struct EmbeddedStoreFailureTests {
    @Test("a directory that another mongod uses is left alone, and the error names that one")
    func foreignMongod() async throws {
        try await StoreSandbox.use { sandbox in
            let environment = ProcessInfo.processInfo.environment
            let binary = try await MongodBinary.find(explicit: nil, environment: environment)
            let port = try #require(LoopbackPort.free())
            let null = Glibc.open("/dev/null", O_WRONLY)
            let foreign = try ChildProcess.spawn(
                [
                    binary.path, "--dbpath", sandbox.directory.databasePath, "--port", "\(port)", "--bind_ip",
                    "127.0.0.1", "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25",
                ],
                environment: ["LC_ALL": "C"],
                output: null
            )
            close(null)
            defer {
                kill(foreign.pid, SIGKILL)
                var status: Int32 = 0
                waitpid(foreign.pid, &status, 0)
            }
            while !LoopbackPort.accepts(port) {
                try #require(foreign.ending() == nil)
                try await Task.sleep(for: .milliseconds(10))
            }
            let path = sandbox.directory.path
            await #expect(throws: EmbeddedMongoError.dataDirectoryLocked(path: path, pid: foreign.pid, machine: nil)) {
                try await sandbox.open()
            }
            #expect(foreign.ending() == nil)
            #expect(LoopbackPort.accepts(port))
        }
    }

    @Test("a mongod that never gets ready is ended, and the error shows the end of its log")
    func notReady() async throws {
        try await StoreSandbox.use { sandbox in
            var timeouts = EmbeddedStoreTimeouts()
            timeouts.ready = .seconds(3)
            let fake = try await sandbox.fakeMongod("echo 'warming up' $$; exec sleep 600")
            let error = try await #require(throws: EmbeddedMongoError.self) {
                try await sandbox.open(timeouts: timeouts, mongod: fake)
            }
            guard case .notReady(let limit, let doing, let log) = error else {
                Issue.record("unexpected: \(error)")
                return
            }
            #expect(limit == .seconds(3))
            #expect(doing.contains("waiting for port"))
            let pid = try #require(log.firstMatch(of: /warming up (\d+)/).flatMap { Int32($0.1) })
            #expect(kill(pid, 0) != 0)
        }
    }

    @Test("a mongod that ends at once is told with status and log")
    func exits() async throws {
        try await StoreSandbox.use { sandbox in
            let fake = try await sandbox.fakeMongod("echo 'No space left on device' >&2; exit 14")
            await #expect(
                throws: EmbeddedMongoError.mongodExited(
                    ending: "it exited with status 14",
                    log: "  No space left on device"
                )
            ) {
                try await sandbox.open(mongod: fake)
            }
        }
    }

    @Test("data of another release is told apart")
    func incompatible() async throws {
        try await StoreSandbox.use { sandbox in
            let fake = try await sandbox.fakeMongod("exit 62")
            let path = sandbox.directory.databasePath
            await #expect(throws: EmbeddedMongoError.incompatibleData(path: path, version: "6.0.9", log: "")) {
                try await sandbox.open(mongod: fake)
            }
        }
    }

    @Test("a port that is taken every time ends after the named number of tries")
    func noPort() async throws {
        try await StoreSandbox.use { sandbox in
            let fake = try await sandbox.fakeMongod("exit 48")
            let error = await #expect(throws: EmbeddedMongoError.self) { try await sandbox.open(mongod: fake) }
            #expect(error?.description.contains("No free TCP port") == true)
            #expect(sandbox.log.all.filter { $0.contains("started mongod") }.count == StoreStarter.maximumPorts)
        }
    }

    @Test("a store that is too old, missing or behind a readable endpoint file is refused before anything runs")
    func refused() async throws {
        try await StoreSandbox.use { sandbox in
            let old = try await sandbox.script("old", "echo 'db version v5.0.1'")
            await #expect(throws: EmbeddedMongoError.mongodTooOld(path: old, found: "5.0.1")) {
                try await sandbox.open(mongod: old)
            }
            await #expect(throws: EmbeddedMongoError.mongodMissing(searched: ["/nowhere/mongod"])) {
                try await sandbox.open(mongod: "/nowhere/mongod")
            }
            let endpointFile = sandbox.directory.endpointFile
            try PrivateFile.write([UInt8(ascii: "{")], to: endpointFile)
            chmod(endpointFile, 0o644)
            await #expect(
                throws: EmbeddedMongoError.fileNotPrivate(
                    path: endpointFile,
                    reason: "group or others may use it (mode 644)"
                )
            ) {
                try await sandbox.open()
            }
            #expect(!sandbox.log.all.contains { $0.contains("started mongod") })
        }
    }

    @Test("another program that starts for too long is told by its lock")
    func startLock() async throws {
        try await StoreSandbox.use { sandbox in
            let lock = try FileLock(path: sandbox.directory.startLock)
            #expect(try lock.tryLock(.exclusive))
            var timeouts = EmbeddedStoreTimeouts()
            timeouts.startLock = .milliseconds(50)
            await #expect(
                throws: EmbeddedMongoError.startLockTimedOut(
                    path: sandbox.directory.startLock,
                    after: timeouts.startLock
                )
            ) {
                try await sandbox.open(timeouts: timeouts)
            }
        }
    }

    @Test("a mongod that ignores SIGTERM is left running, and leaving says so")
    func doesNotStop() async throws {
        try await StoreSandbox.use { sandbox in
            var timeouts = EmbeddedStoreTimeouts()
            timeouts.stop = .milliseconds(50)
            let store = try await sandbox.open(timeouts: timeouts)
            let process = try sandbox.process()
            kill(process.pid, SIGSTOP)
            #expect(await store.close() == .failed(.didNotStop(pid: process.pid, after: timeouts.stop)))
            #expect(process.isAlive)
            kill(process.pid, SIGCONT)
        }
    }
}
