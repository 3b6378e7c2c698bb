/// Reads the numbers of the outermost level of one JSON object.
///
/// It is strict where it reads values (a broken line reports nothing, not half of it) and takes the number tokens `NaN`,
/// `Infinity` and `-Infinity` besides.
struct MetricJSONReader {
    /// Nesting beyond which a line reports nothing.
    static let maximumDepth = 64

    /// A value of the outermost level.
    enum Value { case number(Double), text(String), other }
    private struct Malformed: Error {}

    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    /// The reports; empty when the text is no JSON object.
    consuming func reports() -> [MetricReport] {
        var reader = self
        return (try? reader.object()) ?? []
    }

    /// What stands on the outermost level; `nil` when the text is no JSON object.
    consuming func entries() -> [(name: String, value: Value)]? {
        var reader = self
        var entries: [(name: String, value: Value)] = []
        do throws(Malformed) {
            try reader.members(depth: 0) { entries.append(($0, $1)) }
            reader.skipSpace()
        } catch {
            return nil
        }
        return reader.index == reader.bytes.endIndex ? entries : nil
    }

    private mutating func object() throws(Malformed) -> [MetricReport] {
        var reports: [MetricReport] = []
        var step: Int64?
        try members(depth: 0) { name, value in
            guard case .number(let number) = value else { return }
            if name == MetricLineParser.stepName {
                step = Int64(exactly: number)
            } else if name.utf8.count <= MetricLineParser.maximumNameBytes, !name.isEmpty {
                reports.append(MetricReport(name: name, value: number))
            }
        }
        skipSpace()
        guard index == bytes.endIndex else { throw Malformed() }
        if let step { for index in reports.indices { reports[index].step = step } }
        return reports
    }

    private mutating func members(depth: Int, _ take: (String, Value) -> Void) throws(Malformed) {
        try expect("{")
        if try skip("}") { return }
        repeat {
            skipSpace()
            let name = try string()
            try expect(":")
            take(name, try value(depth: depth + 1))
        } while try skip(",")
        try expect("}")
    }

    private mutating func value(depth: Int) throws(Malformed) -> Value {
        guard depth <= Self.maximumDepth else { throw Malformed() }
        skipSpace()
        guard index < bytes.endIndex else { throw Malformed() }
        switch bytes[index] {
        case UInt8(ascii: "{"): try members(depth: depth) { _, _ in }
        case UInt8(ascii: "["): try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try string())
        default: return try token()
        }
        return .other
    }

    private mutating func list(depth: Int) throws(Malformed) {
        try expect("[")
        if try skip("]") { return }
        repeat { _ = try value(depth: depth + 1) } while try skip(",")
        try expect("]")
    }

    private mutating func token() throws(Malformed) -> Value {
        let start = index
        while index < bytes.endIndex, !",]} \t".utf8.contains(bytes[index]) { index += 1 }
        let text = bytes[start..<index]
        for word in ["true", "false", "null"] where text.elementsEqual(word.utf8) { return .other }
        guard let number = MetricLineParser.number(text) else { throw Malformed() }
        return .number(number)
    }

    private mutating func string() throws(Malformed) -> String {
        guard index < bytes.endIndex, bytes[index] == UInt8(ascii: "\"") else { throw Malformed() }
        index += 1
        var text: [UInt8] = []
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else { throw Malformed() }
                return result
            case UInt8(ascii: "\\"): text += try escape()
            case 0..<0x20: throw Malformed()
            default: text.append(byte)
            }
        }
        throw Malformed()
    }

    private mutating func escape() throws(Malformed) -> [UInt8] {
        guard index < bytes.endIndex else { throw Malformed() }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "u"):
            var unit = UInt32(try hexadecimal())
            if (0xD800..<0xDC00).contains(unit), bytes[index...].starts(with: "\\u".utf8) {
                index += 2
                let low = UInt32(try hexadecimal())
                guard (0xDC00..<0xE000).contains(low) else { throw Malformed() }
                unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(unit) else { throw Malformed() }
            return Array(String(Character(scalar)).utf8)
        default: throw Malformed()
        }
    }

    private mutating func hexadecimal() throws(Malformed) -> UInt16 {
        guard index + 4 <= bytes.endIndex else { throw Malformed() }
        let text = String(decoding: bytes[index..<(index + 4)], as: UTF8.self)
        index += 4
        guard text.utf8.first != UInt8(ascii: "+"), text.utf8.first != UInt8(ascii: "-"),
            let unit = UInt16(text, radix: 16)
        else { throw Malformed() }
        return unit
    }

    private mutating func skipSpace() {
        while index < bytes.endIndex, MetricLineParser.isBlank(bytes[index]) || bytes[index] == 0x0D { index += 1 }
    }

    private mutating func skip(_ mark: Unicode.Scalar) throws(Malformed) -> Bool {
        skipSpace()
        guard index < bytes.endIndex else { throw Malformed() }
        guard bytes[index] == UInt8(ascii: mark) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ mark: Unicode.Scalar) throws(Malformed) {
        guard try skip(mark) else { throw Malformed() }
    }
}
