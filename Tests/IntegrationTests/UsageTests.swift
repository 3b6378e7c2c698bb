import Foundation
import Glibc
import Testing

/// Mistakes that end a program before there is a store; none of these starts a database.
@Suite("Bad usage and unusable stores")
struct UsageTests {
    @Test(
        "bad usage ends with 64 and says what is wrong",
        arguments: [
            ["hyperserver", "run", "--no-such-option"],
            ["hyperserver", "no-such-command"],
            ["hyperserver", "run", "--workers", "0", "x.yaml"],
            ["hyperserver", "run"],
            ["hyperserver", "run", "--space", "x=[1]", "--metric", "loss", "train.py"],
            ["hyperserver", "run", "a.yaml", "b.yaml"],
            ["hyperserver", "trials", "last", "3", "--trial", "3"],
            ["hyperserver", "events", "last", "3", "--trial", "3"],
            ["hyperserver", "list", "--mongo", "mongodb://[bad"],
            ["hyperserver", "list", "--mongo", "http://localhost"],
            ["hyperserver", "create", "no-such-file.yaml"],
            ["hyperworker", "--no-such-option"],
            ["hyperworker", "--count", "0"],
            ["hyperworker", "--connect-timeout", "-1"],
            ["hyperworker", "--connect-timeout", "1", "--mongo", "mongodb://[bad"],
        ]
    )
    func usage(line: [String]) async throws {
        try await Sandbox.use { sandbox in
            let command = [Sandbox.binaries + "/" + line[0]] + line.dropFirst()
            let program = try await sandbox.finish(try sandbox.start(command: command))
            #expect(program.ending == .exited(64), "\(program.story)")
            #expect(!program.errors.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: sandbox.dataDirectory), "a store was made")
        }
    }

    @Test("a URI whose password holds a bare @ is malformed, and no part of the password is printed")
    func passwordWithAt() async throws {
        try await Sandbox.use { sandbox in
            let uri = "mongodb://user:fir5t@sec0nd@127.0.0.1:1/"
            for name in ["hyperserver", "hyperworker"] {
                let arguments = name == "hyperserver" ? ["list"] : ["--connect-timeout", "1"]
                let command = [Sandbox.binaries + "/" + name] + arguments + ["--mongo", uri]
                let program = try await sandbox.finish(try sandbox.start(command: command))
                #expect(program.ending == .exited(64), "\(program.story)")
                let text = program.output + program.errors
                #expect(!text.contains("fir5t") && !text.contains("sec0nd"), "\(text)")
            }
        }
    }

    @Test("a lease that is no number ends both programs with 64", arguments: ["hyperserver", "hyperworker"])
    func badLease(name: String) async throws {
        try await Sandbox.use(["HYPER_LEASE_SECONDS": "soon"]) { sandbox in
            let arguments = name == "hyperserver" ? ["list"] : ["--connect-timeout", "1"]
            let program = try await sandbox.finish(
                try sandbox.start(command: [Sandbox.binaries + "/" + name] + arguments)
            )
            #expect(program.ending == .exited(64), "\(program.story)")
            #expect(program.errors.contains("HYPER_LEASE_SECONDS"))
        }
    }

    @Test(
        "a file's mistakes are told all at once, each with its place, and nothing is stored",
        arguments: ["create", "run", "start"]
    )
    func badFile(command: String) async throws {
        try await Sandbox.use { sandbox in
            try sandbox.file(
                "bad.yaml",
                """
                command: [sh, train.sh]
                search_space:
                  x: {type: float, min: 5, max: -5}
                  y: {type: flaot, min: 0, max: 1}
                objective: {metric: loss, goal: sideways}
                limitz: {max_trials: 3}
                limits: {max_trials: many}
                """
            )
            let program = try await sandbox.client(command, "bad.yaml")
            #expect(program.ending == .exited(64), "\(program.story)")
            for line in 3...7 {
                let found = program.errors.split(separator: "\n").contains { $0.hasPrefix("bad.yaml:\(line):") }
                #expect(found, "line \(line)\n\(program.errors)")
            }
            for line in program.errors.split(separator: "\n") {
                #expect(line.prefixMatch(of: /bad\.yaml:\d+:\d+: error: ./) != nil, "\(line)")
            }
            #expect(!FileManager.default.fileExists(atPath: sandbox.dataDirectory), "a store was made")
        }
    }

    @Test("nobody listening: client commands end with 69", arguments: ["list", "start"])
    func nobodyListening(command: String) async throws {
        try await Sandbox.use { sandbox in
            let port = try FreePort.find()
            let program = try await sandbox.client(command, "--mongo", "mongodb://127.0.0.1:\(port)/")
            #expect(program.ending == .exited(69), "\(program.story)")
        }
    }

    @Test("a worker gives up with 69 after its --connect-timeout")
    func connectTimeout() async throws {
        try await Sandbox.use { sandbox in
            let port = try FreePort.find()
            for arguments in [["--mongo", "mongodb://127.0.0.1:\(port)/"], []] {
                let command = [Sandbox.binaries + "/hyperworker", "--connect-timeout", "1"] + arguments
                let program = try await sandbox.finish(try sandbox.start(command: command))
                #expect(program.ending == .exited(69), "\(program.story)")
            }
        }
    }

    @Test("a worker that waits for a store leaves when told to")
    func interruptedWait() async throws {
        try await Sandbox.use { sandbox in
            let worker = try sandbox.worker()
            try await worker.waitForLine(containing: "waiting for a store")
            worker.signal(SIGTERM)
            #expect(try await worker.waitForExit() == .exited(2), "\(worker.story)")
        }
    }

    @Test("a mongod that is missing, too old or no mongod ends with 69 and names it")
    func unusableMongod() async throws {
        try await Sandbox.use { sandbox in
            let old = try await sandbox.executable("old-mongod", "echo 'db version v5.0.1'")
            let strange = try await sandbox.executable("strange-mongod", "echo hello")
            for path in [sandbox.directory + "/no-mongod", old, strange] {
                let program = try await sandbox.client("list", environment: ["HYPER_MONGOD": path])
                #expect(program.ending == .exited(69), "\(program.story)")
                #expect(program.errors.contains(path), "\(program.story)")
            }
            let flagged = try await sandbox.client("list", "--mongod", old)
            #expect(flagged.ending == .exited(69), "\(flagged.story)")
            #expect(flagged.errors.contains("5.0.1"), "\(flagged.story)")
        }
    }

    @Test(
        "a data directory in a place that cannot be written ends with 69 and names it",
        arguments: ["/proc/hyper", "/dev/null"]
    )
    func unusableDataDirectory(path: String) async throws {
        try await Sandbox.use { sandbox in
            let program = try await sandbox.client("list", "--data-dir", path)
            #expect(program.ending == .exited(69), "\(program.story)")
            #expect(program.errors.contains(path), "\(program.story)")
        }
    }
}

/// A port that nobody listened on a moment ago.
enum FreePort {
    static func find() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
        }
        guard code == 0 else { throw IntegrationFailure("no free port: \(String(cString: strerror(errno)))") }
        return UInt16(bigEndian: address.sin_port)
    }
}
