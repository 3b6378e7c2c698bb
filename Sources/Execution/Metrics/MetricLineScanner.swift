import Glibc

/// Finds the lines of a stream that may report metrics, at the cost of a few `memchr` for everything else.
///
/// Memory stays within ``MetricLineParser/maximumLineBytes``, whatever the stream holds.
struct MetricLineScanner: Sendable {
    private static let newline = Int32(UInt8(ascii: "\n"))

    /// The beginning of a line whose end has not come.
    private var partial: [UInt8] = []
    /// The current line is longer than is read.
    private var isOverlong = false

    /// Takes a block and calls `body` with the reports of each line in it that has some.
    mutating func feed(_ block: UnsafeRawBufferPointer, _ body: ([MetricReport]) -> Void) {
        guard !block.isEmpty else { return }
        var start = 0
        if isOverlong || !partial.isEmpty {
            guard let end = Self.find(Self.newline, in: block, from: 0) else { return hold(block) }
            hold(UnsafeRawBufferPointer(rebasing: block[..<end]))
            finish(body)
            start = end + 1
        }
        // Forward first: a block without any line end is settled without going through it byte by byte.
        guard Self.find(Self.newline, in: block, from: start) != nil, let last = block.lastIndex(of: UInt8(ascii: "\n"))
        else { return hold(UnsafeRawBufferPointer(rebasing: block[start...])) }
        let complete = last + 1
        if complete > start {
            scan(UnsafeRawBufferPointer(rebasing: block[start..<complete]), body)
            start = complete
        }
        hold(UnsafeRawBufferPointer(rebasing: block[start...]))
    }

    /// The stream has ended: what is held is its last line.
    mutating func finish(_ body: ([MetricReport]) -> Void) {
        defer {
            partial = []
            isOverlong = false
        }
        guard !isOverlong, !partial.isEmpty else { return }
        report(MetricLineParser.parse(partial), body)
    }

    /// Forgets the line that has begun.
    mutating func reset() {
        partial = []
        isOverlong = false
    }

    /// Skips to the next line, since the stream continues in the middle of one.
    mutating func skipLine() {
        partial = []
        isOverlong = true
    }

    /// Complete lines: only those with `=` or `{` can report anything.
    private func scan(_ lines: UnsafeRawBufferPointer, _ body: ([MetricReport]) -> Void) {
        var position = 0
        var equals = Self.find(Int32(UInt8(ascii: "=")), in: lines, from: 0)
        var brace = Self.find(Int32(UInt8(ascii: "{")), in: lines, from: 0)
        while equals != nil || brace != nil {
            let candidate = min(equals ?? .max, brace ?? .max)
            var start = candidate
            while start > position, lines[start - 1] != UInt8(ascii: "\n") { start -= 1 }
            let end = Self.find(Self.newline, in: lines, from: candidate) ?? lines.count
            report(MetricLineParser.parse(lines[start..<end]), body)
            position = end + 1
            if let found = equals, found < position { equals = Self.find(0x3D, in: lines, from: position) }
            if let found = brace, found < position { brace = Self.find(0x7B, in: lines, from: position) }
        }
    }

    private func report(_ reports: [MetricReport], _ body: ([MetricReport]) -> Void) {
        if !reports.isEmpty { body(reports) }
    }

    private mutating func hold(_ bytes: UnsafeRawBufferPointer) {
        guard !isOverlong, !bytes.isEmpty else { return }
        if partial.count + bytes.count > MetricLineParser.maximumLineBytes {
            skipLine()
        } else {
            partial.append(contentsOf: bytes)
        }
    }

    private static func find(_ byte: Int32, in block: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < block.count, let base = block.baseAddress,
            let found = memchr(base + start, byte, block.count - start)
        else { return nil }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }
}
