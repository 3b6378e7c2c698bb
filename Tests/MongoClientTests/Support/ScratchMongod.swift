import BSON
import Foundation
import Glibc
import Logging
import MongoClient
import Synchronization

/// A real mongod of this test process: on loopback, in a temporary directory, gone when the process ends.
struct ScratchMongod: Sendable {
    enum Failure: Error, CustomStringConvertible {
        case notFound
        case noFreePort
        case notStarted(String)

        var description: String {
            switch self {
            case .notFound: "There is no mongod. Set HYPER_MONGOD, or put one on PATH."
            case .noFreePort: "The kernel gave no free port on 127.0.0.1."
            case .notStarted(let reason): "mongod could not be started: \(reason)"
            }
        }
    }

    /// How long a cold start on a slow and busy machine may take.
    static let startTimeout: Duration = .seconds(120)

    let port: Int
    let setName: String?

    /// The single-node replica set that all tests of the process share.
    static func replicaSet() async throws -> ScratchMongod {
        try await sharedReplicaSet.value
    }

    /// The standalone server that all tests of the process share.
    static func standalone() async throws -> ScratchMongod {
        try await sharedStandalone.value
    }

    // These tasks live as long as the process; nobody cancels them.
    private static let sharedReplicaSet = Task { try await start(setName: "scratch") }
    private static let sharedStandalone = Task { try await start(setName: nil) }

    var uri: String {
        setName.map { "mongodb://127.0.0.1:\(port)/?replicaSet=\($0)" } ?? "mongodb://127.0.0.1:\(port)/"
    }

    /// A connection, closed at the end of `body`.
    func withConnection<Result>(
        _ options: MongoConnection.Options = .init(),
        uri: String? = nil,
        _ body: (MongoConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try MongoConnection(uri: uri ?? self.uri, options: options, logger: .silent)
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// A database name that no other test of this process uses.
    static func freshDatabase() -> String {
        "test_\(databaseCounter.wrappingAdd(1, ordering: .relaxed).newValue)"
    }

    private static let databaseCounter = Atomic(0)

    private static func start(setName: String?) async throws -> ScratchMongod {
        let port = try freePort()
        let directory = FileManager.default.temporaryDirectory.appending(path: "scratch-mongod-\(getpid())-\(port)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        var arguments = [
            "--pdeathsig", "KILL", "--", try executable(), "--dbpath", directory.path, "--bind_ip", "127.0.0.1",
            "--port", "\(port)", "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25", "--setParameter",
            "enableTestCommands=1", "--setParameter", "diagnosticDataCollectionEnabled=false",
        ]
        if let setName { arguments += ["--replSet", setName] }
        try await ChildProcesses.shared.launch(arguments, scratch: directory)

        // The driver itself waits for the server: no polling of ours.
        var options = MongoConnection.Options()
        options.serverSelectionTimeout = startTimeout
        let direct = "mongodb://127.0.0.1:\(port)/?directConnection=true"
        let server = ScratchMongod(port: port, setName: setName)
        try await server.withConnection(options, uri: direct) { connection in
            guard let setName else {
                _ = try await connection.serverDescription()
                return
            }
            _ = try await connection.command(
                ["replSetInitiate": ["_id": .string(setName), "members": [["_id": 0, "host": "127.0.0.1:\(port)"]]]],
                on: "admin"
            )
        }
        // Returns once there is a primary that takes writes.
        try await server.withConnection(options) { connection in
            _ = try await connection.insert([["_id": 1]], into: Namespace(database: "ready", collection: "ready"))
        }
        return server
    }

    private static func executable() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let dataHome = environment["XDG_DATA_HOME"] ?? (environment["HOME"] ?? "") + "/.local/share"
        let candidates =
            [environment["HYPER_MONGOD"]].compactMap(\.self)
            + (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/mongod" }
            + [dataHome + "/hyper/bin/mongod"]
        guard let found = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else {
            throw Failure.notFound
        }
        return found
    }

    /// A port that was free a moment ago.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure.noFreePort }
        defer { Glibc.close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard isBound else { throw Failure.noFreePort }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

extension Logger {
    /// A logger that drops everything.
    static let silent = Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }
}

/// Children that end with this process: by `atexit`, and by the kernel when it is killed.
private final class ChildProcesses: Sendable {
    static let shared = ChildProcesses()

    private let children = Mutex<[(pid: pid_t, scratch: URL)]>([])

    private init() {
        atexit { ChildProcesses.shared.endAll() }
    }

    /// Starts `setpriv` with these arguments.
    ///
    /// The death signal comes when the *thread* that forked ends, so that thread waits for the child.
    func launch(_ arguments: [String], scratch: URL) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            Thread {
                let process = Process()
                process.executableURL = URL(filePath: "/usr/bin/setpriv")
                process.arguments = arguments
                process.standardInput = FileHandle.nullDevice
                process.standardOutput = FileHandle.nullDevice
                process.standardError = FileHandle.nullDevice
                do {
                    try process.run()
                } catch {
                    continuation.resume(throwing: ScratchMongod.Failure.notStarted("\(error)"))
                    return
                }
                self.children.withLock { $0.append((process.processIdentifier, scratch)) }
                continuation.resume()
                process.waitUntilExit()
            }.start()
        }
    }

    private func endAll() {
        for child in children.withLock({ $0 }) {
            kill(child.pid, SIGKILL)
            try? FileManager.default.removeItem(at: child.scratch)  // best effort: the process is ending
        }
    }
}
