public import ExperimentModel

/// Turns the output of an attempt into chunks and keeps it within a cap, whatever the attempt prints.
///
/// Up to the cap everything is passed on. Beyond it the middle is dropped and counted: the last bytes of each stream are
/// held in memory and follow at the end, after a line such as `[… 943718400 bytes dropped …]`.
public struct CappedLog: Sendable {
    /// Bytes kept of one attempt, both streams together, unless set otherwise.
    public static let defaultCapBytes = 64 << 20
    /// Bytes held back for the end, of each stream.
    public static let tailBytesPerStream = 512 << 10
    /// Largest chunk.
    public static let maximumChunkBytes = 256 << 10
    /// How long output may wait for its chunk to fill.
    public static let flushInterval: Duration = .seconds(1)

    private struct StreamState {
        var pending: [UInt8] = []
        var pendingSince: ContinuousClock.Instant?
        var sequence = 0
        var tail = ByteRing(capacity: 0)
        var dropped = 0
        var lastByte: UInt8?
    }

    private let trial: TrialID
    private let attempt: Int
    private var headRoom: Int
    private var streams: [LogChunk.Stream: StreamState] = [:]

    /// A log of one attempt.
    ///
    /// - Parameter capBytes: kept bytes of both streams together; at least twice ``tailBytesPerStream`` is used.
    public init(trial: TrialID, attempt: Int, capBytes: Int = Self.defaultCapBytes) {
        self.trial = trial
        self.attempt = attempt
        headRoom = max(0, capBytes - 2 * Self.tailBytesPerStream)
        for stream in LogChunk.Stream.allCases {
            var state = StreamState()
            state.tail = ByteRing(capacity: Self.tailBytesPerStream)
            streams[stream] = state
        }
    }

    /// Bytes that were printed and not kept so far.
    public var droppedBytes: Int { streams.values.reduce(0) { $0 + $1.dropped } }

    /// Takes output and returns the chunks that it fills.
    mutating func append(
        _ bytes: UnsafeRawBufferPointer,
        to stream: LogChunk.Stream,
        at now: ContinuousClock.Instant
    ) -> [LogChunk] {
        guard !bytes.isEmpty, var state = streams.removeValue(forKey: stream) else { return [] }
        defer { streams[stream] = state }
        // What goes to the tail stays behind it: the order of bytes is kept even if the other stream left room.
        let taken = state.tail.count > 0 ? 0 : min(headRoom, bytes.count)
        headRoom -= taken
        var chunks: [LogChunk] = []
        var head = UnsafeRawBufferPointer(rebasing: bytes.prefix(taken))
        while !head.isEmpty {
            if state.pending.isEmpty { state.pendingSince = now }
            let part = head.prefix(Self.maximumChunkBytes - state.pending.count)
            state.pending.append(contentsOf: part)
            head = UnsafeRawBufferPointer(rebasing: head.dropFirst(part.count))
            if state.pending.count == Self.maximumChunkBytes { chunks += flush(&state, stream) }
        }
        if taken < bytes.count {
            state.dropped += state.tail.append(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(taken)))
        }
        return chunks
    }

    /// The chunks that have waited long enough.
    mutating func flush(at now: ContinuousClock.Instant) -> [LogChunk] {
        var chunks: [LogChunk] = []
        for stream in LogChunk.Stream.allCases {
            guard var state = streams[stream], let since = state.pendingSince, now - since >= Self.flushInterval else {
                continue
            }
            chunks += flush(&state, stream)
            streams[stream] = state
        }
        return chunks
    }

    /// The rest: what waits, the marker and the tail.
    mutating func finish() -> [LogChunk] {
        var chunks: [LogChunk] = []
        for stream in LogChunk.Stream.allCases {
            guard var state = streams[stream] else { continue }
            chunks += flush(&state, stream)
            if state.dropped > 0 {
                let start = state.lastByte == UInt8(ascii: "\n") || state.lastByte == nil ? "" : "\n"
                state.pending = Array("\(start)[… \(state.dropped) bytes dropped …]\n".utf8)
                chunks += flush(&state, stream)
            }
            var rest = state.tail.bytes[...]
            while !rest.isEmpty {
                state.pending = Array(rest.prefix(Self.maximumChunkBytes))
                rest = rest.dropFirst(Self.maximumChunkBytes)
                chunks += flush(&state, stream)
            }
            state.tail = ByteRing(capacity: Self.tailBytesPerStream)
            streams[stream] = state
        }
        return chunks
    }

    private func flush(_ state: inout StreamState, _ stream: LogChunk.Stream) -> [LogChunk] {
        guard !state.pending.isEmpty else { return [] }
        defer {
            state.lastByte = state.pending.last
            state.pending = []
            state.pendingSince = nil
            state.sequence += 1
        }
        return [
            LogChunk(trial: trial, attempt: attempt, stream: stream, sequence: state.sequence, bytes: state.pending)
        ]
    }
}
