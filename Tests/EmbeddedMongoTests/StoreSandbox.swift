import BSON
import Foundation
import Glibc
import Logging
import MongoClient
import Testing

@testable import EmbeddedMongo

/// A data directory of a test's own, with everything that was started in it ended afterwards, also when the test fails.
final class StoreSandbox: Sendable {
    let folder: String
    let directory: DataDirectory
    let log = LogRecorder()

    private init() throws {
        var template = Array((NSTemporaryDirectory() + "/hyper-store-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { throw SandboxFailure(text: "mkdtemp failed: \(errno)") }
        folder = String(cString: made)
        directory = try DataDirectory(folder + "/data").create()
    }

    /// Runs the body with a fresh sandbox; few at a time, since each may run a database.
    static func use(_ body: (StoreSandbox) async throws -> Void) async throws {
        await Gate.shared.enter()
        let sandbox = try StoreSandbox()
        do {
            try await body(sandbox)
        } catch {
            await sandbox.tearDown()
            throw error
        }
        await sandbox.tearDown()
    }

    private func tearDown() async {
        let hint = (try? EndpointFile.read(directory))?.pid
        if case .ours(let process) = MongodProcess.holder(of: directory, hint: hint) { await killHard(process) }
        try? FileManager.default.removeItem(atPath: folder)
        await Gate.shared.leave()
    }

    /// `kill -9`, and a wait until the process is gone.
    func killHard(_ process: MongodProcess) async {
        kill(process.pid, SIGKILL)
        while process.isAlive { await Task.yield() }
    }

    /// The mongod of this directory.
    func process() throws -> MongodProcess {
        let hint = try EndpointFile.read(directory)?.pid
        guard case .ours(let process) = MongodProcess.holder(of: directory, hint: hint) else {
            throw SandboxFailure(text: "no mongod of ours runs")
        }
        return process
    }

    func open(
        listening: StoreListening? = nil,
        timeouts: EmbeddedStoreTimeouts = EmbeddedStoreTimeouts(),
        mongod: String? = nil
    ) async throws -> EmbeddedStore {
        let lookup = MongodLookup(explicit: mongod, environment: ProcessInfo.processInfo.environment)
        return try await EmbeddedStore.open(
            directory,
            mongod: lookup,
            listening: listening,
            timeouts: timeouts,
            logger: log.logger
        )
    }

    /// An executable shell script in the sandbox.
    ///
    /// Another process writes it: a fork of a parallel test could keep a descriptor of ours open for writing, and the
    /// kernel does not run such a file.
    func script(_ name: String, _ body: String, mode: Int = 0o755) async throws -> String {
        let path = folder + "/" + name
        let output = try await ProgramOutput.of(
            [
                "/bin/sh", "-c", "printf '%s\\n' '#!/bin/sh' \"$1\" > \"$2\" && chmod \"$3\" \"$2\"", "sh", body, path,
                String(mode, radix: 8),
            ],
            environment: ["PATH": "/usr/bin:/bin"],
            timeout: .seconds(60)
        )
        guard output.ending == .exited(0) else { throw SandboxFailure(text: "\(path): \(output.text)") }
        return path
    }

    /// A stand-in that has the right version and then does as told.
    func fakeMongod(_ body: String) async throws -> String {
        try await script("mongod", "if [ \"$1\" = --version ]; then echo 'db version v6.0.9'; exit 0; fi\n\(body)")
    }

    static func mode(of path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }
}

struct SandboxFailure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}

/// Runs one command on a connection of its own.
@discardableResult
func command(_ command: BSONDocument, on database: String = "admin", _ uri: String) async throws -> BSONDocument {
    let connection = try MongoConnection(uri: uri, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    do {
        let reply = try await connection.command(command, on: database)
        await connection.close()
        return reply
    } catch {
        await connection.close()
        throw error
    }
}

/// Lets a few tests with databases run at once.
actor Gate {
    static let shared = Gate()
    private static let places = 3
    private var free = Gate.places
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
