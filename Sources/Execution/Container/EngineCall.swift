import ExperimentModel
import Foundation
import Glibc

/// One call of a container engine's command line: its answer, within a time, and not more of it than fits.
///
/// The engine may hang, flood or vanish at any moment; whoever calls gets an answer or an error in time. Blocks its thread.
struct EngineCall: Sendable {
    /// Bytes kept of what is printed; of more, the end counts.
    static let outputCapBytes = 4 << 20
    /// Time that a call gets to end by itself when it is ended.
    static let farewell: Duration = .seconds(2)
    /// Time between two looks at whether the call is still wanted.
    private static let lookMilliseconds: Int64 = 50
    private static let longestWait: Int64 = 60_000

    /// What came of a call.
    struct Answer: Sendable {
        var end: SpawnedProcess.End
        var output: String
        var errors: String

        var isSuccess: Bool { end == .exited(0) }
    }

    /// Why there is no answer.
    enum Failure: Error, Equatable {
        case cannotStart(String)
        case late
        case cancelled
    }

    var program: String
    var arguments: [String]
    var environment: [String: String]
    var timeout: Duration
    /// Whether nobody wants the answer any more; asked again and again.
    var isCancelled: (@Sendable () -> Bool)?

    /// Runs the program to its end.
    func run() throws(Failure) -> Answer {
        let output = try Self.pipe()
        let errors: OutputPipe
        do throws(Failure) { errors = try Self.pipe() } catch {
            output.closeAll()
            throw error
        }
        defer { for pipe in [output, errors] { close(pipe.read) } }
        let process: SpawnedProcess
        do {
            process = try ProcessSpawner.spawn(
                ProcessSpawner.Launch(
                    program: program,
                    arguments: [program] + arguments,
                    environment: environment,
                    workingDirectory: "/",
                    standardOutput: output.write,
                    standardError: errors.write
                )
            )
        } catch {
            for pipe in [output, errors] { pipe.closeWritingEnd() }
            throw .cannotStart(ProcessTrialExecutor.reason(error))
        }
        for pipe in [output, errors] { pipe.closeWritingEnd() }
        return try follow(process, output.read, errors.read)
    }

    private static func pipe() throws(Failure) -> OutputPipe {
        do { return try OutputPipe() } catch { throw .cannotStart("\(error)") }
    }

    private func follow(_ process: SpawnedProcess, _ output: Int32, _ errors: Int32) throws(Failure) -> Answer {
        var texts: [[UInt8]] = [[], []]
        var deadline = ContinuousClock.now + timeout
        var failure: Failure?
        var isKilled = false
        while !Self.hasEnded(process) {
            let now = ContinuousClock.now
            if failure == nil, isCancelled?() ?? false {
                failure = .cancelled
            } else if failure == nil, now >= deadline {
                failure = .late
            }
            if failure != nil, !isKilled {
                // Politely first: a pull that is killed leaves what it had begun.
                isKilled = true
                kill(-process.processID, SIGTERM)
                deadline = now + Self.farewell
            } else if isKilled, now >= deadline {
                kill(-process.processID, SIGKILL)
                deadline = now + timeout
            }
            wait(process, [output, errors], until: deadline)
            for (index, descriptor) in [output, errors].enumerated() { Self.read(descriptor, into: &texts[index]) }
        }
        for (index, descriptor) in [output, errors].enumerated() { Self.read(descriptor, into: &texts[index]) }
        let end = process.reap()
        if let failure { throw failure }
        let said = texts.map { String(decoding: $0, as: UTF8.self) }
        return Answer(end: end, output: said[0], errors: said[1])
    }

    /// Waits for news of the process. An output that has ended would wake at once each time: then only the clock and the end count.
    private func wait(_ process: SpawnedProcess, _ outputs: [Int32], until deadline: ContinuousClock.Instant) {
        let remaining = max(0, ContinuousClock.now.duration(to: deadline).wholeMilliseconds) + 1
        let hasTick = isCancelled != nil || process.descriptor < 0
        let timeout = min(remaining, hasTick ? Self.lookMilliseconds : Self.longestWait)
        var watched = outputs.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        watched.append(pollfd(fd: process.descriptor, events: Int16(POLLIN), revents: 0))
        guard poll(&watched, nfds_t(watched.count), Int32(timeout)) > 0 else { return }
        if watched.allSatisfy({ $0.revents & Int16(POLLIN) == 0 }) {
            // Only ends of outputs: the process closed them and runs on.
            var end = pollfd(fd: process.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&end, 1, Int32(min(timeout, Self.lookMilliseconds)))
        }
    }

    private static func hasEnded(_ process: SpawnedProcess) -> Bool {
        var information = siginfo_t()
        guard waitid(P_PID, id_t(process.processID), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else {
            return true
        }
        return information.si_signo == SIGCHLD
    }

    /// Everything that is there now; the reading end does not block.
    private static func read(_ descriptor: Int32, into bytes: inout [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes += buffer[..<count]
            if bytes.count > outputCapBytes { bytes.removeFirst(bytes.count - outputCapBytes) }
        }
    }
}

/// Threads for calls of engines: each may take long, and none of ours waits for another's.
enum EngineThread {
    /// Runs `body` on a thread of its own.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}
