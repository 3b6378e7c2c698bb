/// Finds the lines of a metrics file that report something.
struct MetricLineScanner {
    /// Only lines with one of these can.
    static let marks: [LineScanner.Mark] = [.byte(UInt8(ascii: "=")), .byte(UInt8(ascii: "{"))]

    private var lines = LineScanner(Self.marks)

    /// Takes a block and calls `body` with the reports of each line in it that has some.
    mutating func feed(_ block: UnsafeRawBufferPointer, _ body: ([MetricReport]) -> Void) {
        lines.feed(block) { line, _ in Self.read(line, body) }
    }

    /// The stream has ended: what is held is its last line.
    mutating func finish(_ body: ([MetricReport]) -> Void) {
        lines.finish { line, _ in Self.read(line, body) }
    }

    /// Forgets the line that has begun.
    mutating func reset() { lines.reset() }

    /// Skips to the next line, since the stream continues in the middle of one.
    mutating func skipLine() { lines.skipLine() }

    private static func read(_ line: UnsafeRawBufferPointer, _ body: ([MetricReport]) -> Void) -> Bool {
        let reports = MetricLineParser.parse(line)
        if !reports.isEmpty { body(reports) }
        return false
    }
}
