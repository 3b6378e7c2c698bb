import Foundation
import Glibc
import Synchronization

/// A program that a test started: in a process group of its own, with its output read as it comes.
final class RunningProgram: Sendable {
    enum Ending: Equatable, CustomStringConvertible {
        case exited(Int32)
        case signalled(Int32)

        init(waitStatus status: Int32) {
            self = status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .signalled(status & 0x7f)
        }

        var description: String {
            switch self {
            case .exited(let code): "exit status \(code)"
            case .signalled(let number): "signal \(number)"
            }
        }
    }

    enum Stream: Int, CaseIterable {
        case output
        case error
    }

    /// Everything that is known so far.
    struct Transcript {
        var ending: Ending?
        var bytes: [[UInt8]] = [[], []]
        var lines: [[String]] = [[], []]
        var lineStart = [0, 0]
        var openStreams = 2

        mutating func append(_ new: some Sequence<UInt8>, to stream: Stream) {
            let index = stream.rawValue
            let before = bytes[index].count
            bytes[index] += new
            for end in before..<bytes[index].count where bytes[index][end] == UInt8(ascii: "\n") {
                lines[index].append(String(decoding: bytes[index][lineStart[index]..<end], as: UTF8.self))
                lineStart[index] = end + 1
            }
        }

        func text(_ stream: Stream) -> String { String(decoding: bytes[stream.rawValue], as: UTF8.self) }
    }

    let command: [String]
    let pid: pid_t
    private let transcript = Watched(Transcript())

    /// Starts a program.
    init(_ command: [String], environment: [String: String], directory: String) throws {
        self.command = command
        let output = try Pipe2.make()
        let error = try Pipe2.make()
        defer {
            close(output.write)
            close(error.write)
        }
        do {
            pid = try Spawn.run(command, environment, directory, output: output.write, error: error.write)
        } catch {
            close(output.read)
            throw error
        }
        read(output.read, .output)
        read(error.read, .error)
        let (pid, transcript) = (pid, transcript)
        // Threads of their own, since they block; each ends with the process or its pipes.
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            transcript.update { $0.ending = Ending(waitStatus: status) }
        }
    }

    private func read(_ descriptor: Int32, _ stream: Stream) {
        let transcript = transcript
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = Glibc.read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                transcript.update { $0.append(buffer.prefix(count), to: stream) }
            }
            close(descriptor)
            transcript.update { $0.openStreams -= 1 }
        }
    }

    var output: String { transcript.current.text(.output) }
    var errors: String { transcript.current.text(.error) }
    var ending: Ending? { transcript.current.ending }

    /// The command, how it ended and what it printed, for messages.
    var story: String { Self.story(command, pid, transcript.current) }

    private static func story(_ command: [String], _ pid: pid_t, _ transcript: Transcript) -> String {
        let name = command.map { ($0 as NSString).lastPathComponent }.prefix(6).joined(separator: " ")
        let end = transcript.ending.map { "\($0)" } ?? "still running"
        return
            "[\(name)] process \(pid), \(end)\n\(transcript.text(.output).suffix(4000))\(transcript.text(.error).suffix(8000))"
    }

    /// Waits for the next line on either stream that contains `text`.
    /// - Parameter occurrence: which of the matching lines, from 1.
    @discardableResult
    func waitForLine(
        containing text: String,
        occurrence: Int = 1,
        timeout: Duration = TimeLimits.event
    ) async throws -> String {
        let (command, pid) = (command, pid)
        return try await transcript.wait(
            timeout: timeout,
            otherwise: { "no line with \"\(text)\" (\(occurrence)) from \(Self.story(command, pid, $0))" },
            { transcript in
                let matching = transcript.lines.joined().filter { $0.contains(text) }
                return matching.count >= occurrence ? matching[occurrence - 1] : nil
            }
        )
    }

    /// Waits for the end of the process.
    @discardableResult
    func waitForExit(timeout: Duration = TimeLimits.event) async throws -> Ending {
        let (command, pid) = (command, pid)
        return try await transcript.wait(
            timeout: timeout,
            otherwise: { "no end of \(Self.story(command, pid, $0))" },
            { $0.ending }
        )
    }

    /// Waits until nobody holds the outputs open any more: neither the program nor a child that inherited them.
    func waitForSilence(timeout: Duration = TimeLimits.event) async throws {
        let (command, pid) = (command, pid)
        try await transcript.wait(
            timeout: timeout,
            otherwise: { "outputs still open of \(Self.story(command, pid, $0))" },
            { $0.openStreams == 0 ? () : nil }
        )
    }

    /// Sends a signal to the program alone.
    func signal(_ number: Int32) { if ending == nil { kill(pid, number) } }

    /// `kill -9` of the program alone, and a wait for its end.
    func killHard() async throws {
        signal(SIGKILL)
        try await waitForExit(timeout: TimeLimits.death)
    }

    /// `kill -9` of whatever is left of its process group, for the end of a test.
    func killGroup() { if ending == nil { kill(-pid, SIGKILL) } }
}
