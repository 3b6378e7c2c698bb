import SearchSpace

/// What a scalar means: JSON's rules for numbers, `true`, `false` and null, everything else is text.
///
/// YAML 1.1 would read `no` as false, `012` as 10 and `12:30` as 750; nobody who writes a search space means that.
enum StrictScalar: Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    /// A whole number beyond 64 bits, or a number beyond double precision.
    case tooLarge
    case text

    init(_ scalar: FileScalar) {
        guard scalar.isPlain else {
            self = .text
            return
        }
        switch scalar.text {
        case "", "~", "null": self = .null
        case "true": self = .bool(true)
        case "false": self = .bool(false)
        default: self = Self.number(scalar.text) ?? .text
        }
    }

    /// A number by JSON's grammar; `nil` when the text is none.
    static func number(_ text: String) -> StrictScalar? {
        var rest = text.utf8[...]
        func skipDigits() -> Int {
            let digits = rest.prefix { UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") }
            rest = rest.dropFirst(digits.count)
            return digits.count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let startsWithZero = rest.first == UInt8(ascii: "0")
        let whole = skipDigits()
        guard whole == 1 || (whole > 1 && !startsWithZero) else { return nil }
        var isWhole = true
        if rest.first == UInt8(ascii: ".") {
            isWhole = false
            rest = rest.dropFirst()
            guard skipDigits() > 0 else { return nil }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            isWhole = false
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard skipDigits() > 0 else { return nil }
        }
        guard rest.isEmpty else { return nil }
        if isWhole { return Int64(text).map { .integer($0) } ?? .tooLarge }
        guard let number = Double(text), number.isFinite else { return .tooLarge }
        return .double(number)
    }

    /// What the writer of a plain text probably meant, when it looks like a number or truth value of another language.
    static func hint(for text: String) -> String? {
        switch text.lowercased() {
        case "yes", "on", "true": return "write true for a truth value"
        case "no", "off", "false": return "write false for a truth value"
        case "null", "none": return "write null for no value"
        case ".inf", "-.inf", "inf", "-inf", ".nan", "nan": return "infinities and NaN are no values"
        default: break
        }
        guard let first = text.unicodeScalars.first, "+-.0123456789".unicodeScalars.contains(first) else { return nil }
        let decimal = decimalSpelling(of: text)
        if let decimal, decimal != text, number(decimal) != nil { return "write \(decimal) for a number" }
        let isSexagesimal =
            text.contains(":") && text.unicodeScalars.allSatisfy { "0123456789:".unicodeScalars.contains($0) }
        return isSexagesimal ? "numbers with colons are read as text" : nil
    }

    /// `.5`, `3.`, `+1`, `012`, `1_000` and `0x1F` as JSON would write them; `nil` for what is no number at all.
    private static func decimalSpelling(of text: String) -> String? {
        var digits = Substring(text)
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
        let sign = isNegative ? "-" : ""
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.lowercased().hasPrefix(prefix) {
            let body = digits.dropFirst(2)
            guard body.first?.isHexDigit == true else { return nil }
            return UInt64(body.replacing("_", with: ""), radix: radix).map { sign + String($0) }
        }
        digits = Substring(digits.replacing("_", with: ""))
        while digits.hasPrefix("0"), digits.dropFirst().first?.isNumber == true { digits = digits.dropFirst() }
        if digits.hasPrefix(".") { digits = "0" + digits }
        if let point = digits.firstIndex(of: ".") {
            let next = digits.index(after: point)
            if next == digits.endIndex || !digits[next].isNumber { digits.remove(at: point) }
        }
        return sign + digits
    }
}

extension FileScalar {
    /// What stands here, in words, for messages.
    var kind: String {
        switch StrictScalar(self) {
        case .null: "nothing"
        case .bool: "the truth value \(text)"
        case .integer, .double: "the number \(cut(text))"
        case .tooLarge: "a number that is too large"
        case .text: "the text \(shown(text))"
        }
    }
}

/// Text of the user in quotation marks for a message: one line, and not longer than a message should be.
func shown(_ text: String) -> String { ParameterValue.string(cut(text)).json }

/// The start of a text, as much as a message should show.
func cut(_ text: String) -> String {
    let maximumShownCharacters = 80
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: maximumShownCharacters, limitedBy: scalars.endIndex),
        end != scalars.endIndex
    else { return text }
    return String(scalars[..<end]) + "…"
}
