import Foundation
import Glibc

/// A named pipe that every process of some trials holds open: its end tells that all of them are gone.
///
/// What they write to it, line by line, is kept. It begins with the first process that opens it for writing.
final class HeldPipe: Sendable {
    private struct State {
        var lines: [String] = []
        var hasEnded = false
    }

    let path: String
    private let state = Watched(State())
    private let ownEnd: Int32

    /// Makes the pipe.
    /// - Parameter isHeld: whether the test holds it too, so that it outlives times without any process; then it has no end.
    init(_ path: String, isHeld: Bool = false) throws {
        guard mkfifo(path, 0o600) == 0 else { throw IntegrationFailure("\(path): \(String(cString: strerror(errno)))") }
        self.path = path
        ownEnd = isHeld ? Glibc.open(path, O_RDWR | O_CLOEXEC) : -1
        let state = state
        // Ends with the last writer.
        Thread.detachNewThread {
            let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
            var pending: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while descriptor >= 0 {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                pending += buffer.prefix(count)
                while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = String(decoding: pending[..<end], as: UTF8.self)
                    pending.removeSubrange(...end)
                    state.update { $0.lines.append(line) }
                }
            }
            Glibc.close(descriptor)
            state.update { $0.hasEnded = true }
        }
    }

    /// Waits until a number of lines with this beginning are there, and returns them.
    @discardableResult
    func lines(_ prefix: String, _ count: Int = 1) async throws -> [String] {
        try await state.wait(
            timeout: TimeLimits.event,
            otherwise: { "fewer than \(count) lines with \"\(prefix)\" among \($0.lines)" },
            { state in
                let matching = state.lines.filter { $0.hasPrefix(prefix) }
                return matching.count >= count ? matching : nil
            }
        )
    }

    /// Waits until nobody holds it any more.
    func end() async throws {
        try await state.wait(
            timeout: TimeLimits.death,
            otherwise: { "somebody still holds the pipe; lines: \($0.lines)" },
            { $0.hasEnded ? () : nil }
        )
    }

    /// Ends the reading thread if nobody ever came.
    func close() {
        if ownEnd >= 0 { Glibc.close(ownEnd) }
        let descriptor = Glibc.open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        if descriptor >= 0 { Glibc.close(descriptor) }
    }
}
