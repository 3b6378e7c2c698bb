public import Coordination
public import ExperimentModel

/// Reads one output of an attempt, or only its end.
public enum LogTail {
    /// Pieces of one read, of 256 KiB at most each.
    static let chunksPerRead = 8

    /// The last lines of an output; the rest of it is not read.
    /// - Returns: the bytes, whole lines but for the last.
    public static func read(
        _ count: Int,
        of trial: TrialID,
        attempt: Int,
        stream: LogChunk.Stream,
        in store: any TrialStore
    ) async throws -> [UInt8] {
        guard count > 0 else { return [] }
        var pieces: [LogChunk] = []
        var lineEnds = 0
        while lineEnds <= count {
            let earlier = try await store.lastLogChunks(
                of: trial,
                attempt: attempt,
                stream: stream,
                before: pieces.first?.sequence,
                count: chunksPerRead
            )
            if earlier.isEmpty { break }
            for piece in earlier { lineEnds += piece.bytes.count { $0 == UInt8(ascii: "\n") } }
            pieces = earlier + pieces
            if earlier.count < chunksPerRead { break }
        }
        return Array(LogLines.last(count, of: pieces.flatMap(\.bytes)))
    }
}
