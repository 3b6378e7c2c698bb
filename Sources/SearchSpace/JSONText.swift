import OrderedCollections

/// Why a text is not the JSON that was expected, and where.
public struct JSONTextError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Line of the mistake, from 1.
    public var line: Int
    /// Column of the mistake, from 1, in characters.
    public var column: Int
    /// What is wrong.
    public var reason: String

    /// An error at a position.
    public init(line: Int, column: Int, reason: String) {
        self.line = line
        self.column = column
        self.reason = reason
    }

    /// The position and what is wrong.
    public var description: String { "\(line):\(column): \(reason)" }
}

extension ParameterValue {
    /// Nesting of lists and mappings that ``init(json:)`` accepts.
    public static let maximumJSONDepth = 64
    /// Bytes of text that ``init(json:)`` accepts.
    public static let maximumJSONBytes = 4 << 20

    /// Reads a JSON text (RFC 8259, nothing beyond it), keeping the order of keys.
    ///
    /// A number without fraction and exponent that fits is an integer, any other a double. Duplicate keys are errors.
    public init(json text: String) throws(JSONTextError) {
        var reader = JSONReader(text)
        self = try reader.readDocument()
    }
}

/// A strict recursive-descent reader of one JSON text.
private struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func readDocument() throws(JSONTextError) -> ParameterValue {
        guard bytes.count <= ParameterValue.maximumJSONBytes else {
            throw failure("the text is longer than \(ParameterValue.maximumJSONBytes) bytes")
        }
        let value = try readValue(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("there is something after the value") }
        return value
    }

    private mutating func readValue(depth: Int) throws(JSONTextError) -> ParameterValue {
        skipSpace()
        guard depth <= ParameterValue.maximumJSONDepth else {
            throw failure("lists and mappings are nested more than \(ParameterValue.maximumJSONDepth) levels deep")
        }
        // 0 begins no value: at the end of the text the default case takes over.
        switch peek ?? 0 {
        case UInt8(ascii: "{"): return .mapping(try readMapping(depth: depth))
        case UInt8(ascii: "["): return .list(try readList(depth: depth))
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
        default:
            for (word, value) in [("null", ParameterValue.null), ("true", true), ("false", false)]
            where bytes[position...].starts(with: word.utf8) {
                position += word.utf8.count
                return value
            }
            throw failure(position == bytes.count ? "the text ends where a value should be" : "this is no JSON value")
        }
    }

    private mutating func readList(depth: Int) throws(JSONTextError) -> [ParameterValue] {
        position += 1
        var items: [ParameterValue] = []
        skipSpace()
        if take("]") { return items }
        while true {
            items.append(try readValue(depth: depth + 1))
            skipSpace()
            if take("]") { return items }
            guard take(",") else { throw failure("a comma or a closing bracket is missing") }
        }
    }

    private mutating func readMapping(depth: Int) throws(JSONTextError) -> OrderedDictionary<String, ParameterValue> {
        position += 1
        var entries: OrderedDictionary<String, ParameterValue> = [:]
        skipSpace()
        if take("}") { return entries }
        while true {
            skipSpace()
            let start = position
            guard peek == UInt8(ascii: "\"") else { throw failure("a key in quotation marks is missing") }
            let key = try readString()
            guard entries[key] == nil else { throw failure("the key \(quoted(key)) is there twice", at: start) }
            skipSpace()
            guard take(":") else { throw failure("a colon is missing") }
            entries[key] = try readValue(depth: depth + 1)
            skipSpace()
            if take("}") { return entries }
            guard take(",") else { throw failure("a comma or a closing brace is missing") }
        }
    }

    private mutating func readNumber() throws(JSONTextError) -> ParameterValue {
        let start = position
        _ = take("-")
        if !take("0") { try skipDigits() }
        var isWhole = true
        if take(".") {
            isWhole = false
            try skipDigits()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try skipDigits()
        }
        if let peek, peek == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(peek) {
            throw failure("this is no JSON number", at: start)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let whole = Int64(text) { return .integer(whole) }
        guard let number = Double(text), number.isFinite else {
            throw failure("this number does not fit in double precision", at: start)
        }
        return .double(number)
    }

    private mutating func skipDigits() throws(JSONTextError) {
        let start = position
        while let peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(peek) { position += 1 }
        if position == start { throw failure("a digit is missing") }
    }

    private mutating func readString() throws(JSONTextError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try readEscape(into: &text)
            case 0..<0x20: throw failure("a control character must be escaped", at: position - 1)
            default: text.append(byte)
            }
        }
        throw failure("a text is not closed")
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(JSONTextError) {
        let start = position - 1
        guard let byte = peek else { throw failure("a text is not closed") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try readHexadecimal()
            if (0xd800..<0xdc00).contains(code), take("\\"), take("u") {
                let low = try readHexadecimal()
                guard (0xdc00..<0xe000).contains(low) else {
                    throw failure("half of a surrogate pair is missing", at: start)
                }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw failure("half of a surrogate pair is missing", at: start)
            }
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: throw failure("this escape does not exist in JSON", at: start)
        }
    }

    private mutating func readHexadecimal() throws(JSONTextError) -> UInt32 {
        let end = position + 4
        guard end <= bytes.count else { throw failure("\\u needs four hexadecimal digits") }
        let digits = String(decoding: bytes[position..<end], as: UTF8.self)
        guard digits.allSatisfy(\.isHexDigit), let code = UInt32(digits, radix: 16) else {
            throw failure("\\u needs four hexadecimal digits")
        }
        position = end
        return code
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let peek, [0x20, 0x09, 0x0a, 0x0d].contains(peek) { position += 1 }
    }

    private func failure(_ reason: String, at offset: Int? = nil) -> JSONTextError {
        let before = bytes[..<min(offset ?? position, bytes.count)]
        let lineStart = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        let line = before.count { $0 == 0x0a } + 1
        // Continuation bytes of UTF-8 are no characters of their own.
        let column = before[lineStart...].count { $0 & 0xc0 != 0x80 } + 1
        return JSONTextError(line: line, column: column, reason: reason)
    }
}
