public import ExperimentModel
import Glibc
import Synchronization

/// Takes the chunks of one attempt as fast as they come and hands them out as fast as an uploader wants them.
///
/// A little stays in memory; what an uploader that is slow or away leaves behind goes to a file without a name, which
/// vanishes with the spool. The cap of ``CappedLog`` bounds the file; a full disk loses chunks, counted, and no more.
public final class LogSpool: Sendable {
    /// Bytes that wait in memory.
    public static let maximumBytesInMemory = 1 << 20
    /// Places of handed out chunks that stay in the list before it is shortened.
    private static let handedOutEntries = 256

    private enum Entry: Sendable {
        case chunk(LogChunk)
        /// A chunk whose bytes are in the file.
        case stored(LogChunk, offset: Int, count: Int)
    }

    private struct State {
        /// Those before `first` have been handed out; nothing of them is kept.
        var entries: [Entry?] = []
        var first = 0
        var bytesInMemory = 0
        var descriptor: Int32 = -1
        var fileEnd = 0
        var lost = 0

        var isEmpty: Bool { first == entries.count }

        mutating func removeFirst() -> Entry? {
            guard !isEmpty else { return nil }
            defer {
                first += 1
                // Seldom, so that each entry is moved once or twice at most.
                if first >= LogSpool.handedOutEntries, first * 2 >= entries.count {
                    entries.removeFirst(first)
                    first = 0
                }
            }
            return entries[first].take()
        }
    }

    private let state = Mutex(State())
    private let directory: String

    /// A spool with its file, once it needs one, in `directory`, which must exist by then.
    public init(directory: String) { self.directory = directory }

    deinit {
        let descriptor = state.withLock { $0.descriptor }
        if descriptor >= 0 { close(descriptor) }
    }

    /// Takes a chunk; returns at once, but for a write to the disk when the memory is used up.
    public func append(_ chunk: LogChunk) {
        state.withLock { state in
            if state.bytesInMemory + chunk.bytes.count <= Self.maximumBytesInMemory {
                state.bytesInMemory += chunk.bytes.count
                state.entries.append(.chunk(chunk))
            } else if let offset = store(chunk.bytes, &state) {
                var hollow = chunk
                hollow.bytes = []
                state.entries.append(.stored(hollow, offset: offset, count: chunk.bytes.count))
            } else {
                state.lost += 1
            }
        }
    }

    /// Chunks that neither memory nor disk could take.
    public var lostChunks: Int { state.withLock { $0.lost } }

    /// Bytes that the spool keeps alive in memory.
    var heldBytes: Int {
        state.withLock { state in
            state.entries.reduce(0) { sum, entry in
                if case .chunk(let chunk) = entry { sum + chunk.bytes.count } else { sum }
            }
        }
    }

    /// The next chunk, `nil` when none waits; may read from the disk.
    public func takeNext() -> LogChunk? { state.withLock { take(&$0) } }

    /// The last chunks that wait, as many as fit, in order; they go on waiting. May read from the disk.
    public func last(atMostBytes limit: Int) -> [LogChunk] {
        state.withLock { state in
            var room = limit
            var chunks: [LogChunk] = []
            for case .some(let entry) in state.entries[state.first...].reversed() {
                let count =
                    switch entry {
                    case .chunk(let chunk): chunk.bytes.count
                    case .stored(_, _, let count): count
                    }
                room -= count
                guard room >= 0, let chunk = content(of: entry, state.descriptor) else { break }
                chunks.append(chunk)
            }
            return chunks.reversed()
        }
    }

    private func take(_ state: inout State) -> LogChunk? {
        while let entry = state.removeFirst() {
            let chunk = load(entry, &state)
            // Everything in the file has been handed out: it can begin again.
            if state.isEmpty { state.fileEnd = 0 }
            if let chunk { return chunk }
        }
        return nil
    }

    private func load(_ entry: Entry, _ state: inout State) -> LogChunk? {
        if case .chunk(let chunk) = entry { state.bytesInMemory -= chunk.bytes.count }
        let chunk = content(of: entry, state.descriptor)
        if chunk == nil { state.lost += 1 }
        return chunk
    }

    /// `nil` when the disk does not give the bytes back.
    private func content(of entry: Entry, _ descriptor: Int32) -> LogChunk? {
        switch entry {
        case .chunk(let chunk): return chunk
        case .stored(var chunk, let offset, let count):
            var bytes = [UInt8](repeating: 0, count: count)
            var done = 0
            while done < count {
                let read = bytes.withUnsafeMutableBytes {
                    pread(descriptor, $0.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
                }
                if read < 0, errno == EINTR { continue }
                guard read > 0 else { return nil }
                done += read
            }
            chunk.bytes = bytes
            return chunk
        }
    }

    /// Returns where the bytes stand in the file.
    private func store(_ bytes: [UInt8], _ state: inout State) -> Int? {
        if state.descriptor < 0 {
            // The name lasts for a moment only; the address of the spool makes it unlike that of any other.
            let name = "\(directory)/.log-\(getpid())-\(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()))"
            state.descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard state.descriptor >= 0 else { return nil }
            unlink(name)
        }
        let offset = state.fileEnd
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes {
                pwrite(state.descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return nil }
            done += written
        }
        state.fileEnd = offset + done
        return offset
    }
}
