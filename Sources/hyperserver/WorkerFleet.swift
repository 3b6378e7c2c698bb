import CommandLineSupport
import ExperimentModel
import Foundation
import Glibc
import Logging
import Subprocess
import Synchronization
import SystemPackage

/// The `hyperworker` children of `hyperserver run`: one slot each, in sessions of their own, on a leash.
///
/// The leash is a pipe to each child's standard input: `d` on it tells the child to drain, `q` to stop now, and its end to
/// drain. It ends by itself when this process ends, however that happens.
final class WorkerFleet: Sendable {
    /// Waits before a child that ended too early is started again.
    static let restartDelay: Duration = .seconds(1)
    /// Restarts of one child before the run gives up.
    static let largestRestarts = 20

    private struct State {
        var leashes: [Int: FileDescriptor] = [:]
        var isDraining = false
    }

    private let count: Int
    private let arguments: [String]
    private let environment: [String: String]
    private let program: FilePath
    private let output: FileDescriptor?
    private let logger: Logger
    private let state = Mutex(State())

    /// A fleet that has not started.
    /// - Parameters:
    ///   - environment: variables added to the children's, such as the store's URI.
    ///   - output: where the children write; `nil`: where this process does.
    init(
        count: Int,
        arguments: [String],
        environment: [String: String],
        output: FileDescriptor? = nil,
        logger: Logger
    ) throws {
        self.count = count
        self.arguments = arguments
        self.environment = environment
        self.output = output
        self.logger = logger
        program = try Self.findWorker()
    }

    /// Keeps the children running until told to drain or stop.
    /// - Throws: ``ProgramFailure`` when they cannot run.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count { group.addTask { try await self.keep(index) } }
            do {
                try await group.waitForAll()
            } catch {
                stop()
                throw error
            }
        }
    }

    /// Tells every child to finish what it runs and leave.
    func drain() { tell("d") }

    /// Tells every child to end its trials now and leave.
    func stop() { tell("q") }

    private func tell(_ word: Character) {
        state.withLock { state in
            state.isDraining = true
            // A child that is gone already needs no telling.
            for leash in state.leashes.values { _ = try? leash.writeAll(word.utf8) }
        }
    }

    private var isDraining: Bool { state.withLock { $0.isDraining } }

    private func keep(_ index: Int) async throws {
        var restarts = 0
        while !isDraining {
            let status = try await runOnce(index)
            if isDraining { return }
            if case .exited(let code) = status, [64, 69, 70].contains(code) {
                throw ProgramFailure(
                    .init(rawValue: Int32(code)) ?? .internalError,
                    "a worker could not run; see its message above"
                )
            }
            if case .exited(0) = status {
                logger.warning("worker \(index) left as it was asked to (`hyperserver drain`); it is not started again")
                return
            }
            restarts += 1
            guard restarts <= Self.largestRestarts else {
                throw ProgramFailure(.internalError, "worker \(index) ended \(restarts) times (\(status)); giving up")
            }
            logger.warning("worker \(index) ended (\(status)) and is started again")
            try await Task.sleep(for: Self.restartDelay)
        }
    }

    private func runOnce(_ index: Int) async throws -> TerminationStatus {
        let pipe = try FileDescriptor.pipe()
        // Other children must not inherit this leash, or it would not end with us.
        for end in [pipe.readEnd, pipe.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        state.withLock { state in
            state.leashes[index] = pipe.writeEnd
            if state.isDraining { _ = try? pipe.writeEnd.writeAll("d".utf8) }
        }
        // Under the lock, so that nobody writes to a closed descriptor; there is nothing to do about a close that fails.
        defer { state.withLock { try? $0.leashes.removeValue(forKey: index)?.close() } }
        var options = PlatformOptions()
        options.createSession = true
        let variables = environment.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) }
        let result = try await Subprocess.run(
            .path(program),
            arguments: Arguments(arguments),
            environment: .inherit.updating(Dictionary(uniqueKeysWithValues: variables)),
            platformOptions: options,
            input: .fileDescriptor(pipe.readEnd, closeAfterSpawningProcess: true),
            output: .fileDescriptor(output ?? .standardOutput, closeAfterSpawningProcess: false),
            error: .fileDescriptor(output ?? .standardError, closeAfterSpawningProcess: false)
        )
        return result.terminationStatus
    }

    private static func findWorker() throws -> FilePath {
        if let path = WorkerProgram.find(environment: ProcessInfo.processInfo.environment) { return FilePath(path) }
        let expected = WorkerProgram.expectedPath
        throw ProgramFailure(
            .internalError,
            "hyperworker was found neither beside hyperserver (\(expected)) nor on PATH. Install both programs together."
        )
    }
}
