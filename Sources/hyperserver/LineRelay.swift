import CommandLineSupport
import Foundation
import Glibc
import SystemPackage

/// A pipe for the output of children: each whole line of it is printed on standard error, so that it goes above a frame.
final class LineRelay: Sendable {
    /// Bytes after which a line is printed though it has no end yet.
    private static let longestLine = 64 << 10
    /// How long ``finish()`` waits for the last lines.
    private static let patience: Duration = .seconds(1)

    /// Where children write.
    let writeEnd: FileDescriptor
    private let lines: AsyncStream<Void>

    /// A pipe with a thread that reads it until every child has closed it.
    init() throws {
        let pipe = try FileDescriptor.pipe()
        for end in [pipe.readEnd, pipe.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        writeEnd = pipe.writeEnd
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        lines = stream
        // Reading blocks. Ends when the last writer has gone, at the latest with the program.
        Thread.detachNewThread {
            Self.relay(from: pipe.readEnd.rawValue)
            close(pipe.readEnd.rawValue)
            continuation.finish()
        }
    }

    private static func relay(from descriptor: Int32) {
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            pending += buffer.prefix(count)
            let end = pending.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            let ready = pending.count - end > longestLine ? pending.count : end
            if ready > 0 { Console.printError(bytes: Array(pending.prefix(ready))) }
            pending.removeFirst(ready)
        }
        if !pending.isEmpty { Console.printError(bytes: pending + [UInt8(ascii: "\n")]) }
    }

    /// Lets the thread come to its end, and waits a little for the last lines.
    func finish() async {
        // Nothing is lost by a close that fails.
        try? writeEnd.close()
        let lines = lines
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in lines {}
            }
            group.addTask {
                // Cancelled as soon as the lines have come.
                try? await Task.sleep(for: Self.patience)
            }
            await group.next()
            group.cancelAll()
        }
    }
}
