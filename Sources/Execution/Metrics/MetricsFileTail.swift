import Glibc

/// Reads what a trial appends to its metrics file.
///
/// An incomplete last line waits. A file that was truncated, replaced or rewritten is read from its beginning. What
/// stands in its place and is no regular file (a link, a pipe) is never read, and never waited for.
final class MetricsFileTail {
    /// Bytes that one look at the file reads at most.
    static let maximumBytesPerPoll = 4 << 20
    /// Bytes that are still read when the attempt has ended: the last ones.
    static let maximumBytesAtEnd = 16 << 20
    private static let blockBytes = 256 << 10
    /// Bytes before the end of what was read by which a file is known again.
    private static let knownBytes = 4 << 10

    private let path: String
    private var descriptor: Int32 = -1
    private var offset = 0
    private var status = stat()
    private var scanner = MetricLineScanner()
    /// The last bytes before ``offset``.
    private var known: [UInt8] = []

    init(path: String) { self.path = path }

    deinit { close() }

    /// Reads what is new and calls `body` with the reports of each line.
    func poll(_ body: ([MetricReport]) -> Void) { look(limit: Self.maximumBytesPerPoll, body) }

    /// Reads the rest, a last line without line end included, and closes the file.
    func finish(_ body: ([MetricReport]) -> Void) {
        look(limit: Self.maximumBytesAtEnd, body)
        scanner.finish(body)
        close()
    }

    private func look(limit: Int, _ body: ([MetricReport]) -> Void) {
        if descriptor >= 0 {
            read(limit: limit, body)
            var current = stat()
            if lstat(path, &current) == 0, current.st_ino == status.st_ino, current.st_dev == status.st_dev { return }
            // Removed or replaced: what the old file held has been read.
            scanner.finish(body)
            close()
        }
        open()
        if descriptor >= 0 { read(limit: limit, body) }
    }

    private func open() {
        // O_NONBLOCK: opening a pipe must not wait for a writer. O_NOFOLLOW: a link is none of our files.
        let opened = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { return }
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            _ = Glibc.close(opened)
            return
        }
        descriptor = opened
        restart()
    }

    private func restart() {
        offset = 0
        known = []
        scanner.reset()
    }

    /// Whether the file still holds what was read last.
    private func isKnown() -> Bool {
        var there = [UInt8](repeating: 0, count: known.count)
        let count = pread(descriptor, &there, there.count, off_t(offset - known.count))
        return count == known.count && there == known
    }

    private func read(limit: Int, _ body: ([MetricReport]) -> Void) {
        var now = stat()
        guard fstat(descriptor, &now) == 0 else { return }
        let size = Int(now.st_size)
        let wasTouched = now.st_mtim.tv_sec != status.st_mtim.tv_sec || now.st_mtim.tv_nsec != status.st_mtim.tv_nsec
        // The time changes before the size, so another time alone may also be a line that is just being appended.
        if size < offset || (size == offset && offset > 0 && wasTouched && !isKnown()) { restart() }
        status = now
        if size - offset > limit {
            // The last report is the trial's value: the end matters more than the middle.
            offset = size - limit
            known = []
            scanner.skipLine()
        }
        withUnsafeTemporaryAllocation(byteCount: Self.blockBytes, alignment: 16) { buffer in
            while offset < size {
                let count = pread(descriptor, buffer.baseAddress, min(buffer.count, size - offset), off_t(offset))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                offset += count
                let block = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                known =
                    (count >= Self.knownBytes ? [] : known.suffix(Self.knownBytes - count))
                    + block.suffix(Self.knownBytes)
                scanner.feed(block, body)
            }
        }
    }

    private func close() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }
}
