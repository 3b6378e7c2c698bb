import Dispatch
public import ExperimentModel
import Foundation
import Glibc
public import Logging
import Synchronization

/// A worker's side of its guard: starts it, tells it of every process group, and starts another when it ends.
///
/// The guard is this same program, started with one argument (``GuardProcess``). What is said costs one short write to a pipe
/// and never waits.
public final class TrialGuard: Sendable {
    /// How the guard is started.
    public struct Program: Sendable {
        /// Path of the program that calls ``GuardProcess/run(report:)``.
        public var path: String
        /// Its environment.
        public var environment: [String: String]

        /// The program of this process.
        /// - Parameter inherited: this process's environment; what leads to the store is left out, and what would make the guard
        ///   look like a trial.
        public init(path: String = "/proc/self/exe", inherited: [String: String]) {
            self.path = path
            environment = TrialEnvironment.withoutSecrets(inherited).filter { $0.key != "HYPER_WORKER_ID" }
        }
    }

    /// First and longest wait before a guard that could not be started, or ended at once, is started again.
    static let restartDelay: ClosedRange<TimeInterval> = 0.1...30
    /// A guard that ran for so long was in order.
    static let soundAfter: Duration = .seconds(5)
    /// How long a clean end waits for the guard to leave.
    static let farewellTimeout: TimeInterval = 2
    /// Bytes that may wait in the pipe: twice what a guard that starts anew has to be told of the largest worker.
    static let pipeBytes: Int32 = 256 << 10
    /// `F_SETPIPE_SZ`, which Swift's Glibc module does not show.
    private static let setPipeSize: Int32 = 1031

    private struct State {
        /// Writing end; -1 while no guard runs.
        var pipe: Int32 = -1
        var process: pid_t = 0
        var groups: [Int32: GuardedAttempt?] = [:]
        var ends: [GuardedAttempt: BootInstant] = [:]
        var containers: [GuardedContainer: GuardedAttempt?] = [:]
        var isClosing = false
    }

    private let program: Program
    private let worker: WorkerID
    private let logger: Logger
    private let state = Mutex(State())
    /// Signalled to end a wait of the keeping thread, and by it when it ends.
    private let closing = DispatchSemaphore(value: 0)
    private let closed = DispatchSemaphore(value: 0)

    /// Starts a guard, and a thread that keeps one running.
    public init(for worker: WorkerID, program: Program, logger: Logger) {
        self.worker = worker
        self.program = program
        self.logger = logger
        // Writing to a guard that has just ended must not end this process; trials get the default back.
        signal(SIGPIPE, SIG_IGN)
        SpawnedProcess.keepStatuses()
        let first = start()
        // Ends with `close()`; until then it holds on to this object.
        Thread.detachNewThread { self.keep(first) }
    }

    /// Whether a guard runs.
    public var isUp: Bool { state.withLock { $0.pipe >= 0 } }

    /// The process id of the guard; `nil` while none runs.
    public var processID: Int32? { state.withLock { $0.pipe >= 0 ? $0.process : nil } }

    /// Sends the guard away, which then touches nothing, and waits for its end.
    ///
    /// Blocks for ``farewellTimeout`` at most. To be called when no trial is running any more.
    public func close() {
        let process: pid_t? = state.withLock { state in
            guard !state.isClosing else { return nil }
            state.isClosing = true
            say(.goodbye, &state)
            return state.pipe >= 0 ? state.process : nil
        }
        closing.signal()
        guard closed.wait(timeout: .now() + Self.farewellTimeout) == .timedOut, let process else { return }
        // Not reaped: the keeping thread still waits for it.
        kill(process, SIGKILL)
    }

    // MARK: - What the executor says

    /// An attempt begins that has to be over by a moment; to be said before its process starts.
    func begin(_ attempt: GuardedAttempt, until end: BootInstant) {
        state.withLock { state in
            state.ends[attempt] = end
            say(.attempt(attempt, end: end), &state)
        }
    }

    /// The moment has moved; nothing happens when the attempt is over.
    func move(_ attempt: GuardedAttempt, to end: BootInstant) {
        state.withLock { state in
            guard state.ends.updateValue(end, forKey: attempt) != nil else {
                state.ends[attempt] = nil
                return
            }
            say(.attempt(attempt, end: end), &state)
        }
    }

    /// A process group runs, whose leader is not reaped before ``forget(_:)``.
    func watch(_ group: Int32, of attempt: GuardedAttempt?) {
        state.withLock { state in
            state.groups[group] = .some(attempt)
            say(.group(group, attempt), &state)
        }
    }

    /// The group has been killed.
    func forget(_ group: Int32) {
        state.withLock { state in
            state.groups[group] = nil
            say(.forget(group), &state)
        }
    }

    /// A container is going to be made.
    func watch(_ container: GuardedContainer, of attempt: GuardedAttempt?) {
        state.withLock { state in
            state.containers[container] = .some(attempt)
            say(.container(container, attempt), &state)
        }
    }

    /// The container of that name is no more.
    func forget(container name: String) {
        state.withLock { state in
            for container in state.containers.keys where container.name == name { state.containers[container] = nil }
            say(.gone(name), &state)
        }
    }

    /// Nothing of the attempt is running any more.
    func done(_ attempt: GuardedAttempt) {
        state.withLock { state in
            guard state.ends.removeValue(forKey: attempt) != nil else { return }
            say(.done(attempt), &state)
        }
    }

    private func say(_ line: GuardLine, _ state: inout State) { write(line.text + "\n", &state) }

    private func write(_ text: String, _ state: inout State) {
        guard state.pipe >= 0, !text.isEmpty else { return }
        var text = text
        let isWritten = text.withUTF8 { bytes in
            while true {
                let count = Glibc.write(state.pipe, bytes.baseAddress, bytes.count)
                if count < 0, errno == EINTR { continue }
                return count == bytes.count
            }
        }
        // It has ended, or hangs so that its pipe is full: the next one is told everything anew.
        if !isWritten { kill(state.process, SIGKILL) }
    }

    // MARK: - Keeping it running

    /// The keeping thread: waits for the end of each guard and starts the next.
    private func keep(_ first: SpawnedProcess?) {
        var current = first
        var delay = Self.restartDelay.lowerBound
        while true {
            if let process = current {
                let begin = ContinuousClock.now
                let end = process.reap()
                if lose() { break }
                logger.warning("the guard (process \(process.processID)) ended: \(end); another one is started")
                if begin.duration(to: .now) >= Self.soundAfter { delay = Self.restartDelay.lowerBound }
            }
            if current == nil || delay > Self.restartDelay.lowerBound {
                if closing.wait(timeout: .now() + delay) == .success { break }
            }
            delay = min(delay * 2, Self.restartDelay.upperBound)
            current = start()
            if let current { logger.info("the guard is process \(current.processID) now") }
            if state.withLock({ $0.isClosing }), current == nil { break }
        }
        closed.signal()
    }

    /// The guard has ended. - Returns: whether no other is wanted.
    private func lose() -> Bool {
        state.withLock { state in
            if state.pipe >= 0 { Glibc.close(state.pipe) }
            state.pipe = -1
            return state.isClosing
        }
    }

    private func start() -> SpawnedProcess? {
        do {
            return try launch()
        } catch {
            logger.error(
                "the guard could not be started: \(error); until it is, a kill -9 of this worker leaves its trials running, and it takes none of exclusive experiments"
            )
            return nil
        }
    }

    private func launch() throws -> SpawnedProcess {
        let pipe = try OutputPipe()
        defer { Glibc.close(pipe.read) }
        _ = fcntl(pipe.write, F_SETFL, O_NONBLOCK)
        // Best effort: the usual size is enough for some hundred trials.
        _ = fcntl(pipe.write, Self.setPipeSize, Self.pipeBytes)
        let nothing = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { if nothing >= 0 { Glibc.close(nothing) } }
        let hasErrors = fcntl(STDERR_FILENO, F_GETFD) >= 0
        do {
            let process = try ProcessSpawner.spawn(
                ProcessSpawner.Launch(
                    program: program.path,
                    arguments: [GuardProcess.name, GuardProcess.command],
                    environment: program.environment,
                    workingDirectory: "/",
                    standardInput: pipe.read,
                    standardOutput: nothing,
                    standardError: hasErrors ? STDERR_FILENO : nothing
                )
            )
            state.withLock { state in
                state.pipe = pipe.write
                state.process = process.processID
                introduce(&state)
            }
            return process
        } catch {
            Glibc.close(pipe.write)
            throw GuardFailure(reason: ProcessTrialExecutor.reason(error))
        }
    }

    /// Tells a new guard everything.
    private func introduce(_ state: inout State) {
        var lines: [GuardLine] = [.worker(process: getpid(), id: worker.rawValue)]
        lines += state.ends.map { .attempt($0, end: $1) }
        lines += state.groups.map { .group($0, $1) }
        lines += state.containers.map { .container($0, $1) }
        if state.isClosing { lines.append(.goodbye) }
        write(lines.map { $0.text + "\n" }.joined(), &state)
    }
}

/// Why no guard was started.
private struct GuardFailure: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}
