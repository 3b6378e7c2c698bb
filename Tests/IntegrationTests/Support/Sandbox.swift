import Foundation
import Glibc
import Synchronization
import Testing

/// A place of one test: directories, programs, and the end of everything that was started, also when the test fails.
final class Sandbox: Sendable {
    /// Every process of a sandbox has this variable, or the directory in its arguments (`mongod` inherits hardly any).
    static let marker = "HYPER_TEST_SANDBOX"

    /// Root of the sandbox, and current directory of its programs.
    let directory: String
    let gate: TrialGate
    private let extra: [String: String]
    private let programs = Mutex<[RunningProgram]>([])

    var dataDirectory: String { directory + "/data" }

    private init(extra: [String: String]) throws {
        let parent = (NSTemporaryDirectory() as NSString).standardizingPath
        var template = Array((parent + "/hyper-integration-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw IntegrationFailure("no temporary directory: \(String(cString: strerror(errno)))")
        }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.extra = extra
        gate = try TrialGate(directory: directory)
    }

    /// Runs the body with a fresh sandbox; few at a time, since each may run a database.
    /// - Parameter environment: variables on top of the usual ones.
    static func use(_ environment: [String: String] = [:], _ body: (Sandbox) async throws -> Void) async throws {
        await Places.shared.enter()
        let sandbox = try Sandbox(extra: environment)
        do {
            try await body(sandbox)
        } catch {
            Issue.record(
                "the programs of the failed test:\n\(sandbox.programs.withLock { $0 }.map(\.story).joined(separator: "\n"))"
            )
            await sandbox.tearDown()
            throw error
        }
        await sandbox.tearDown()
    }

    private func tearDown() async {
        for program in programs.withLock({ $0 }) { program.killGroup() }
        // Again until nothing is left: what is killed may just have started something.
        for _ in 0..<20 {
            let left = processes()
            if left.isEmpty { break }
            for pid in left { kill(pid, SIGKILL) }
            for pid in left {
                do {
                    try await ProcessEnd.wait(for: pid, "a leftover", timeout: TimeLimits.death)
                } catch {
                    Issue.record(error)
                }
            }
        }
        gate.close(directory: directory)
        try? FileManager.default.removeItem(atPath: directory)
        await Places.shared.leave()
    }

    // MARK: Programs

    /// Variables of the programs.
    var environment: [String: String] {
        var variables = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("HYPER_") || name == "HYPER_MONGOD"
        }
        variables["HYPER_DATA_DIR"] = dataDirectory
        variables["HYPER_WORKDIR"] = directory + "/work"
        variables[Self.marker] = directory
        // A killed program leaves libmongoc's counters in shared memory; who gets its process id later is warned of them.
        variables["MONGOC_DISABLE_SHM"] = "1"
        return variables.merging(extra) { $1 }
    }

    /// Directory of the built programs.
    static let binaries: String = {
        if let directory = ProcessInfo.processInfo.environment["HYPER_TEST_BIN_DIR"] { return directory }
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return own.deletingLastPathComponent().path
    }()

    /// Starts any command.
    func start(command: [String], environment added: [String: String] = [:]) throws -> RunningProgram {
        let program = try RunningProgram(
            command,
            environment: environment.merging(added) { $1 },
            directory: directory
        )
        programs.withLock { $0.append(program) }
        return program
    }

    /// Starts `hyperserver`.
    func server(_ arguments: String..., environment: [String: String] = [:]) throws -> RunningProgram {
        try start(command: [Self.binaries + "/hyperserver"] + arguments, environment: environment)
    }

    /// Starts `hyperworker`.
    func worker(_ arguments: String..., environment: [String: String] = [:]) throws -> RunningProgram {
        try start(command: [Self.binaries + "/hyperworker"] + arguments, environment: environment)
    }

    /// Starts the service and waits until it leads.
    func service() async throws -> RunningProgram {
        let server = try server("start")
        try await server.waitForLine(containing: "leads the experiments of")
        return server
    }

    /// Runs `hyperserver` to its end.
    func client(_ arguments: String..., environment: [String: String] = [:]) async throws -> RunningProgram {
        try await finish(start(command: [Self.binaries + "/hyperserver"] + arguments, environment: environment))
    }

    /// Waits for the end of a program and of its output.
    func finish(_ program: RunningProgram, timeout: Duration = TimeLimits.experiment) async throws -> RunningProgram {
        try await program.waitForExit(timeout: timeout)
        try await program.waitForSilence()
        return program
    }

    // MARK: Files

    /// Writes a file into the sandbox and returns its path.
    @discardableResult
    func file(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
        return "\(directory)/\(name)"
    }

    /// Writes an executable shell script, by another process: a fork of a parallel test could keep a descriptor of ours
    /// open for writing, and the kernel does not run such a file.
    func executable(_ name: String, _ body: String) async throws -> String {
        let path = "\(directory)/\(name)"
        let copy = "printf '%s\\n' '#!/bin/sh' \"$1\" > \"$2\" && chmod 755 \"$2\""
        let program = try await finish(try start(command: ["/bin/sh", "-c", copy, "sh", body, path]))
        guard program.ending == .exited(0) else { throw IntegrationFailure(program.story) }
        return path
    }

    /// An experiment whose trials wait at the gate.
    func gatedExperiment(trials: Int) throws -> String {
        try file(
            "gated.yaml",
            """
            name: gated
            command: [sh, gate.sh, '{x}']
            search_space: {x: "uniform(-5, 5)"}
            objective: {metric: loss, goal: minimize}
            sampler: {type: random, seed: 11}
            limits: {max_trials: \(trials)}
            """
        )
    }

    /// Every process that belongs to the sandbox.
    func processes() -> [pid_t] {
        let variable = Array("\(Self.marker)=\(directory)".utf8)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { pid in
            let entries = Self.entries("/proc/\(pid)/environ") + Self.entries("/proc/\(pid)/cmdline")
            return pid != getpid() && entries.contains { $0.elementsEqual(variable) || $0.starts(with: dataPrefix) }
        }
    }

    private var dataPrefix: [UInt8] { Array((dataDirectory + "/").utf8) }

    private static func entries(_ path: String) -> [ArraySlice<UInt8>] {
        // A process may end while we look.
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return Array(data).split(separator: 0)
    }
}

/// Lets three tests with databases run at once: they wait more than they compute, and each database takes memory.
private actor Places {
    static let shared = Places()
    private var free = 3
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
