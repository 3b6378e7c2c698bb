import Foundation
public import Glibc
import Synchronization

/// A program that may be killed, stopped and waited for at any moment, and that ends with this process, however that ends.
///
/// What it prints is appended to a file.
public final class ScratchProcess: Sendable {
    /// How a process ended.
    public enum Ending: Sendable, Hashable, CustomStringConvertible {
        case exited(Int32)
        case signaled(Int32)

        init(waitStatus status: Int32) {
            self = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signaled(status & 0x7F)
        }

        /// For people.
        public var description: String {
            switch self {
            case .exited(let code): "exit status \(code)"
            case .signaled(let number): "signal \(number)"
            }
        }
    }

    /// Why a program could not be started.
    public struct Failure: Error, CustomStringConvertible {
        /// For people.
        public let description: String
    }

    fileprivate struct State {
        var ending: Ending?
        var waiters: [AsyncStream<Void>.Continuation] = []
    }

    /// The process.
    public let pid: pid_t
    private let state: StateBox

    fileprivate final class StateBox: Sendable {
        let state = Mutex(State())
    }

    private init(pid: pid_t, state: StateBox) {
        self.pid = pid
        self.state = state
    }

    /// Starts a program with default signals, in a session of its own, without standard input.
    /// - Parameters:
    ///   - environment: that of this process if `nil`.
    ///   - log: a file that output and errors are appended to.
    /// - Throws: ``Failure``.
    public static func start(
        _ command: [String],
        environment: [String: String]? = nil,
        log: String
    ) async throws -> ScratchProcess {
        try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: the death signal of the child comes when the thread that started it ends.
            Thread.detachNewThread {
                let box = StateBox()
                let pid: pid_t
                do {
                    pid = try spawn(
                        ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"] + command,
                        environment ?? ProcessInfo.processInfo.environment,
                        log: log
                    )
                } catch {
                    continuation.resume(throwing: error)
                    return
                }
                continuation.resume(returning: ScratchProcess(pid: pid, state: box))
                box.follow(pid)
            }
        }
    }

    /// How it ended; `nil` while it runs.
    public var ending: Ending? { state.state.withLock { $0.ending } }

    /// Sends a signal, unless it has ended: its number may be somebody else's then.
    public func signal(_ number: Int32) {
        state.state.withLock { state in
            if state.ending == nil { kill(pid, number) }
        }
    }

    /// Waits for the end. - Returns: `nil` when it still runs after the time-out.
    @discardableResult
    public func waitForEnd(timeout: Duration) async -> Ending? {
        let (end, continuation) = AsyncStream.makeStream(of: Void.self)
        state.state.withLock { state in
            if state.ending == nil { state.waiters.append(continuation) } else { continuation.finish() }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in end {} }
            // A cancelled sleep means that the other one was first.
            group.addTask { try? await ContinuousClock().sleep(for: timeout) }
            await group.next()
            group.cancelAll()
        }
        return ending
    }

    /// `kill -9`, and a wait for the end.
    @discardableResult
    public func killHard() async -> Ending? {
        signal(SIGKILL)
        return await waitForEnd(timeout: Self.deathTimeout)
    }

    /// How long a process that was killed may take to be gone.
    static let deathTimeout: Duration = .seconds(30)

    /// `POSIX_SPAWN_SETSID`, which the module does not show.
    private static let newSession: Int32 = 0x80

    private static func spawn(_ command: [String], _ environment: [String: String], log: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = newSession | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command[0], &actions, &attributes, arguments, variables)
        guard code == 0 else {
            throw Failure(description: "\(command) could not be started: \(String(cString: strerror(code)))")
        }
        return pid
    }
}

extension ScratchProcess.StateBox {
    /// Blocks until the process has ended, and tells everybody.
    func follow(_ pid: pid_t) {
        var info = siginfo_t()
        // Not reaped yet, so that nobody can send a signal to another process of the same number.
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let waiters = state.withLock { state in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            state.ending = ScratchProcess.Ending(waitStatus: status)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.finish() }
    }
}
