import Glibc

/// What a short-lived program printed, and how it ended.
package struct ProgramOutput: Sendable {
    /// More than this is read and dropped.
    static let maximumBytes = 64 * 1024
    static let pollInterval = Duration.milliseconds(5)

    package let text: String
    /// Nil when it was still running at the time-out; it has been killed then.
    package let ending: ChildProcess.Ending?

    /// Runs a program that changes nothing, so that it may be killed at the time-out.
    ///
    /// - Throws: `ChildProcess.SpawnFailure`, `CancellationError`.
    package static func of(
        _ arguments: [String],
        environment: [String: String],
        timeout: Duration
    ) async throws -> ProgramOutput {
        var ends: [Int32] = [-1, -1]
        // Not a pipe: only a socket pair is close-on-exec from the start.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw ChildProcess.SpawnFailure(code: errno)
        }
        let (readEnd, writeEnd) = (ends[0], ends[1])
        defer { close(readEnd) }
        // Ours only: the child's end stays blocking.
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
        let child: ChildProcess
        do {
            defer { close(writeEnd) }
            child = try ChildProcess.spawn(arguments, environment: environment, output: writeEnd)
        }
        var collected: [UInt8] = []
        let deadline = Deadline(after: timeout)
        do {
            while true {
                let ending = child.ending()
                drain(readEnd, into: &collected)
                // A grandchild may hold the pipe open; the program itself is what counts.
                if let ending { return ProgramOutput(text: String(decoding: collected, as: UTF8.self), ending: ending) }
                if deadline.hasPassed { break }
                try await deadline.pause(pollInterval)
            }
        } catch {
            kill(child)
            throw error
        }
        kill(child)
        return ProgramOutput(text: String(decoding: collected, as: UTF8.self), ending: nil)
    }

    /// The group has the child's pid, since the child leads its session.
    private static func kill(_ child: ChildProcess) {
        Glibc.kill(-child.pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(child.pid, &status, 0) < 0, errno == EINTR {}
    }

    private static func drain(_ descriptor: Int32, into collected: inout [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var budget = maximumBytes
        while budget > 0 {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            budget -= count
            collected.append(contentsOf: buffer[..<count].prefix(max(0, maximumBytes - collected.count)))
        }
    }
}
