import ExperimentModel
import Testing

@testable import Execution

private let trial = TrialID(experiment: ExperimentID("es1"), number: 1)

@Suite("Capped log")
struct CappedLogTests {
    private let start = ContinuousClock.now

    private func append(_ text: String, to log: inout CappedLog, _ stream: LogChunk.Stream = .stdout) -> [LogChunk] {
        Array(text.utf8).withUnsafeBytes { log.append($0, to: stream, at: start) }
    }

    @Test("output is passed on after a second, in order, each stream numbered from 0")
    func flushes() {
        var log = CappedLog(trial: trial, attempt: 3)
        #expect(append("a", to: &log) == [])
        #expect(append("e", to: &log, .stderr) == [])
        #expect(append("b", to: &log) == [])
        #expect(log.flush(at: start) == [])
        #expect(
            log.flush(at: start + CappedLog.flushInterval) == [
                LogChunk(trial: trial, attempt: 3, stream: .stdout, sequence: 0, bytes: Array("ab".utf8)),
                LogChunk(trial: trial, attempt: 3, stream: .stderr, sequence: 0, bytes: Array("e".utf8)),
            ]
        )
        #expect(append("c", to: &log) == [])
        #expect(
            log.finish() == [LogChunk(trial: trial, attempt: 3, stream: .stdout, sequence: 1, bytes: Array("c".utf8))]
        )
    }

    @Test("chunks are no larger than allowed and are passed on when full")
    func chunks() {
        var log = CappedLog(trial: trial, attempt: 1)
        let text = String(repeating: "x", count: CappedLog.maximumChunkBytes * 2 + 5)
        let chunks = append(text, to: &log)
        #expect(chunks.map(\.bytes.count) == [CappedLog.maximumChunkBytes, CappedLog.maximumChunkBytes])
        #expect(log.finish().map(\.bytes.count) == [5])
    }

    @Test("beyond the cap the middle is dropped and counted, and the end is kept")
    func middle() {
        let cap = 2 * CappedLog.tailBytesPerStream + 1000
        var log = CappedLog(trial: trial, attempt: 1, capBytes: cap)
        var chunks: [LogChunk] = []
        let lines = 200_000
        for index in 0..<lines { chunks += append("line \(index)\n", to: &log) }
        let total = (0..<lines).reduce(0) { $0 + "line \($1)\n".utf8.count }
        chunks += log.finish()
        let kept = chunks.flatMap(\.bytes)
        let text = String(decoding: kept, as: UTF8.self)
        let dropped = total - 1000 - CappedLog.tailBytesPerStream
        #expect(text.hasPrefix("line 0\nline 1\n"))
        #expect(text.hasSuffix("line \(lines - 1)\n"))
        #expect(text.contains("\n[… \(dropped) bytes dropped …]\n"))
        #expect(log.droppedBytes == dropped)
        #expect(kept.count < cap + 100)
        #expect(chunks.map(\.sequence) == Array(0..<chunks.count))
    }

    @Test("exactly the cap is kept whole")
    func exact() {
        let cap = 2 * CappedLog.tailBytesPerStream + 10
        var log = CappedLog(trial: trial, attempt: 1, capBytes: cap)
        let text = String(repeating: "y", count: 10 + CappedLog.tailBytesPerStream)
        let chunks = append(text, to: &log) + log.finish()
        #expect(chunks.flatMap(\.bytes) == Array(text.utf8))
        #expect(log.droppedBytes == 0)
    }

    @Test("a ring keeps the last bytes however they come", arguments: [1, 3, 7, 10, 23])
    func ring(size: Int) {
        var ring = ByteRing(capacity: 10)
        let bytes = (0..<92).map { UInt8($0) }
        var dropped = 0
        for start in stride(from: 0, to: bytes.count, by: size) {
            dropped += bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { ring.append($0) }
        }
        #expect(ring.bytes == Array(bytes.suffix(10)))
        #expect(dropped == 82)
    }
}

@Suite("Error tail")
struct ErrorTailTests {
    private func tail(_ text: String) -> String? {
        var tail = ErrorTail()
        Array(text.utf8).withUnsafeBytes { tail.append($0) }
        return tail.text
    }

    @Test("the last lines are kept")
    func lines() {
        #expect(tail("") == nil)
        #expect(tail("\n \n") == nil)
        #expect(tail("a\nb\n\n") == "a\nb")
        let text = tail((0..<100).map { "line \($0)" }.joined(separator: "\n"))
        #expect(text == (80..<100).map { "line \($0)" }.joined(separator: "\n"))
    }

    @Test("what acts on a terminal is removed")
    func controls() {
        #expect(tail("\u{1B}[31mred\u{1B}[0m \u{1B}]0;title\u{07}x\u{08}\u{9B}\u{202E}y\u{0}") == "red xy")
        #expect(tail("10%\r50%\r100%\r\nnext\r\n") == "100%\nnext")
        #expect(tail("open \u{1B}[") == "open ")
    }

    @Test("a cut character at the start and bytes that are no text do no harm")
    func invalid() {
        var tail = ErrorTail()
        Array((String(repeating: "é", count: 3000) + "!").utf8).withUnsafeBytes { tail.append($0) }
        #expect(tail.text == String(repeating: "é", count: 2047) + "!")
        [0xFF, 0x41].withUnsafeBytes { tail.append($0) }
        #expect(tail.text?.unicodeScalars.allSatisfy { $0.value != 0xFF } == true)
    }
}

@Suite("Log spool", .timeLimit(.minutes(10)))
struct LogSpoolTests {
    private func chunk(_ sequence: Int, bytes count: Int) -> LogChunk {
        LogChunk(
            trial: trial,
            attempt: 1,
            stream: .stdout,
            sequence: sequence,
            bytes: .init(repeating: UInt8(sequence & 0xFF), count: count)
        )
    }

    @Test("chunks come out in order, those in memory and those on disk")
    func order() throws {
        let directory = try TemporaryDirectory()
        let spool = LogSpool(directory: directory.path)
        let chunks = (0..<40).map { chunk($0, bytes: 100_000) }
        for chunk in chunks { spool.append(chunk) }
        for expected in chunks { #expect(spool.takeNext() == expected) }
        for chunk in chunks { spool.append(chunk) }
        for expected in chunks { #expect(spool.takeNext() == expected) }
        #expect(spool.takeNext() == nil)
        #expect(spool.lostChunks == 0)
    }

    @Test("the last chunks can be looked at without taking them, those in memory and those on disk")
    func last() throws {
        let directory = try TemporaryDirectory()
        let spool = LogSpool(directory: directory.path)
        let chunks = (0..<40).map { chunk($0, bytes: 100_000) }
        for chunk in chunks { spool.append(chunk) }
        for _ in 0..<3 { _ = spool.takeNext() }
        #expect(spool.last(atMostBytes: 250_000) == Array(chunks.suffix(2)))
        #expect(spool.last(atMostBytes: 99_999).isEmpty)
        #expect(spool.last(atMostBytes: .max) == Array(chunks.dropFirst(3)))
        for expected in chunks.dropFirst(3) { #expect(spool.takeNext() == expected) }
        #expect(spool.last(atMostBytes: .max).isEmpty && spool.lostChunks == 0)
    }

    @Test("what was handed out is let go, also while more keeps coming", arguments: [1, 7])
    func memory(ahead: Int) throws {
        let directory = try TemporaryDirectory()
        let spool = LogSpool(directory: directory.path)
        for sequence in 0..<ahead { spool.append(chunk(sequence, bytes: 1000)) }
        for sequence in ahead..<3000 {
            spool.append(chunk(sequence, bytes: 1000))
            #expect(spool.takeNext()?.sequence == sequence - ahead)
        }
        #expect(spool.heldBytes == ahead * 1000)
        for sequence in (3000 - ahead)..<3000 { #expect(spool.takeNext()?.sequence == sequence) }
        #expect(spool.takeNext() == nil)
    }

    @Test("without a disk, what memory cannot hold is lost and counted")
    func noDisk() {
        let spool = LogSpool(directory: "/nonexistent")
        let count = LogSpool.maximumBytesInMemory / 100_000 + 3
        for sequence in 0..<count { spool.append(chunk(sequence, bytes: 100_000)) }
        #expect(spool.lostChunks == 3)
    }
}
