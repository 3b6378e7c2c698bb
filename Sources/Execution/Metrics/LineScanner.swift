import Glibc

/// Finds the lines of a stream that hold one of some texts, at the cost of a few searches for everything else.
///
/// Memory stays within ``MetricLineParser/maximumLineBytes``, whatever the stream holds; longer lines are passed over.
struct LineScanner {
    /// What makes a line worth reading.
    enum Mark: Sendable, Hashable {
        case byte(UInt8)
        case text([UInt8])
        /// Every line is.
        case nothing
    }

    /// Takes a line without its line end. - Returns: whether the next line is wanted, too, whatever it holds.
    ///
    /// The second argument says whether the line is here for that reason or at least follows one that asked for it.
    typealias Body = (UnsafeRawBufferPointer, Bool) -> Bool

    private static let newline = UInt8(ascii: "\n")

    private let marks: [Mark]
    /// The beginning of a line whose end has not come.
    private var partial: [UInt8] = []
    /// The current line is longer than is read.
    private var isOverlong = false
    /// The line that begins is wanted.
    private var wantsNext = false

    init(_ marks: [Mark]) { self.marks = marks }

    /// Takes a block of the stream.
    mutating func feed(_ block: UnsafeRawBufferPointer, _ body: Body) {
        guard !block.isEmpty else { return }
        var start = 0
        if isOverlong || !partial.isEmpty {
            guard let end = ByteSearch.find(Self.newline, in: block, from: 0) else { return hold(block) }
            hold(UnsafeRawBufferPointer(rebasing: block[..<end]))
            finish(body)
            start = end + 1
        }
        // Forward first: a block without any line end is settled without going through it byte by byte.
        guard ByteSearch.find(Self.newline, in: block, from: start) != nil, let last = block.lastIndex(of: Self.newline)
        else { return hold(UnsafeRawBufferPointer(rebasing: block[start...])) }
        let complete = last + 1
        if complete > start {
            scan(UnsafeRawBufferPointer(rebasing: block[start..<complete]), body)
            start = complete
        }
        hold(UnsafeRawBufferPointer(rebasing: block[start...]))
    }

    /// The line that is held is complete: at a line end, or at the end of the stream.
    mutating func finish(_ body: Body) {
        if isOverlong {
            wantsNext = false
        } else if !partial.isEmpty {
            let line = partial
            line.withUnsafeBytes { wantsNext = body($0, wantsNext) }
        }
        partial = []
        isOverlong = false
    }

    /// Forgets the line that has begun.
    mutating func reset() {
        partial = []
        isOverlong = false
        wantsNext = false
    }

    /// Skips to the next line, since the stream continues in the middle of one.
    mutating func skipLine() {
        partial = []
        isOverlong = true
        wantsNext = false
    }

    /// Complete lines.
    private mutating func scan(_ lines: UnsafeRawBufferPointer, _ body: Body) {
        var next = marks.map { $0.find(in: lines, from: 0) }
        var position = 0
        while position < lines.count {
            let candidate = wantsNext ? position : next.min() ?? lines.count
            guard candidate < lines.count else { return }
            var start = candidate
            while start > position, lines[start - 1] != Self.newline { start -= 1 }
            let end = ByteSearch.find(Self.newline, in: lines, from: candidate) ?? lines.count
            wantsNext = body(UnsafeRawBufferPointer(rebasing: lines[start..<end]), wantsNext)
            position = end + 1
            for index in marks.indices where next[index] < position {
                next[index] = marks[index].find(in: lines, from: position)
            }
        }
    }

    private mutating func hold(_ bytes: UnsafeRawBufferPointer) {
        guard !isOverlong, !bytes.isEmpty else { return }
        if partial.count + bytes.count > MetricLineParser.maximumLineBytes {
            skipLine()
        } else {
            partial.append(contentsOf: bytes)
        }
    }
}

extension LineScanner.Mark {
    /// Where it stands, at or after `start`; the end when it does not.
    fileprivate func find(in block: UnsafeRawBufferPointer, from start: Int) -> Int {
        switch self {
        case .byte(let byte): ByteSearch.find(byte, in: block, from: start) ?? block.count
        case .text(let text): ByteSearch.find(text, in: block, from: start) ?? block.count
        case .nothing: start
        }
    }
}

/// Searches in memory with what the C library has for it.
enum ByteSearch {
    private typealias FindText = @convention(c) (UnsafeRawPointer, Int, UnsafeRawPointer, Int) -> UnsafeRawPointer?

    /// A function that Swift's Glibc module does not show; every C library for Linux has it.
    private static let memmem: FindText? = dlsym(nil, "memmem").map { unsafeBitCast($0, to: FindText.self) }

    static func find(_ byte: UInt8, in block: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < block.count, let base = block.baseAddress,
            let found = memchr(base + start, Int32(byte), block.count - start)
        else { return nil }
        return base.distance(to: UnsafeRawPointer(found))
    }

    /// Where a text begins; without ``memmem`` where it may begin.
    static func find(_ text: [UInt8], in block: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let first = text.first, start < block.count, let base = block.baseAddress else { return nil }
        guard let memmem else { return find(first, in: block, from: start) }
        let found = text.withUnsafeBytes { text in
            text.baseAddress.flatMap { memmem(base + start, block.count - start, $0, text.count) }
        }
        return found.map { base.distance(to: $0) }
    }
}
