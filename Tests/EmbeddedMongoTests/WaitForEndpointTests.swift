import BSON
import Foundation
import Glibc
import Testing

@testable import EmbeddedMongo

@Suite("Waiting for a store", .timeLimit(.minutes(10)))
struct WaitForEndpointTests {
    private func wait(
        _ sandbox: StoreSandbox,
        timeout: Duration? = nil,
        onWait: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> EmbeddedStore {
        try await EmbeddedStore.waitForEndpoint(
            sandbox.directory,
            timeout: timeout,
            logger: sandbox.log.logger,
            onWait: onWait
        )
    }

    @Test("ends when a server starts one, and keeps it up until the worker leaves too")
    func appears() async throws {
        try await StoreSandbox.use { sandbox in
            let (reasons, continuation) = AsyncStream<String>.makeStream()
            let waiting = Task { try await wait(sandbox) { continuation.yield($0) } }
            var iterator = reasons.makeAsyncIterator()
            #expect(await iterator.next() == "no store was started there yet")
            let server = try await sandbox.open()
            let worker = try await waiting.value
            #expect(worker.endpoint == server.endpoint)
            #expect(await server.close() == .stillInUse)
            try await command(["ping": 1], worker.uri)
            await worker.keepRunning()
            #expect(await worker.close() == .stopped)
        }
    }

    @Test("never takes a store whose mongod is dead, stopped or being started")
    func dead() async throws {
        try await StoreSandbox.use { sandbox in
            func reason() async -> String? {
                let error = await #expect(throws: EmbeddedMongoError.self) { try await wait(sandbox, timeout: .zero) }
                guard case .waitTimedOut(_, _, let reason) = error else { return nil }
                return reason
            }
            let store = try await sandbox.open()
            store.abandon()
            await sandbox.killHard(try sandbox.process())
            #expect(await reason() == "its mongod has ended")
            let listener = try Listener(port: store.endpoint.port)
            #expect(await reason() == "its mongod has ended")
            withExtendedLifetime(listener) {}
            let again = try await sandbox.open()
            await again.close()
            #expect(await reason() == "the store is stopped")
            let lock = try FileLock(path: sandbox.directory.startLock)
            #expect(try lock.tryLock(.exclusive))
            #expect(await reason() == "another program is starting or stopping it")
        }
    }

    @Test("ends at once when the directory or a file cannot be used, and when it is cancelled")
    func failures() async throws {
        try await StoreSandbox.use { sandbox in
            await #expect(throws: EmbeddedMongoError.self) {
                try await EmbeddedStore.waitForEndpoint(
                    DataDirectory("/proc/hyper"),
                    logger: sandbox.log.logger
                ) { _ in }
            }
            let (reasons, continuation) = AsyncStream<String>.makeStream()
            let waiting = Task { try await wait(sandbox) { continuation.yield($0) } }
            for await _ in reasons { break }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            try PrivateFile.write([], to: sandbox.directory.endpointFile)
            chmod(sandbox.directory.endpointFile, 0o666)
            await #expect(throws: EmbeddedMongoError.self) { try await wait(sandbox) }
        }
    }

    @Test("reports the reason once per interval")
    func reports() async throws {
        try await StoreSandbox.use { sandbox in
            let (reasons, continuation) = AsyncStream<String>.makeStream()
            var timeouts = EmbeddedStoreTimeouts()
            timeouts.firstLook = .milliseconds(1)
            timeouts.longestLook = .milliseconds(1)
            timeouts.report = .milliseconds(5)
            let waiting = Task {
                try await EmbeddedStore.waitForEndpoint(
                    sandbox.directory,
                    timeouts: timeouts,
                    logger: sandbox.log.logger
                ) { continuation.yield($0) }
            }
            var count = 0
            for await _ in reasons {
                count += 1
                if count == 3 { break }
            }
            #expect(count == 3)
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
    }
}
