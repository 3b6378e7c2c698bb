import OrderedCollections

extension ParameterValue {
    /// Magnitude below which every whole number is written without point or exponent: a double holds them all exactly.
    static let plainNumberLimit = 0x1p53

    /// The value as a trial's argument; `nil` for null, which has no text.
    ///
    /// Numbers are in shortest round-trip form, whole ones below 2⁵³ without point or exponent (2.0 is `2`); a text is
    /// itself; lists and mappings are compact JSON.
    public var valueText: String? {
        switch self {
        case .null: nil
        case .string(let text): text
        default: json
        }
    }

    /// The value as compact JSON (RFC 8259), keys in their order.
    ///
    /// JSON has no NaN and infinities: they become the texts `"NaN"`, `"Infinity"` and `"-Infinity"`. A checked search
    /// space holds none.
    public var json: String {
        var text = ""
        appendJSON(to: &text)
        return text
    }

    private func appendJSON(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let number): text += String(number)
        case .double(let number): text += Self.json(of: number)
        case .string(let string): Self.appendQuoted(string, to: &text)
        case .list(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                item.appendJSON(to: &text)
            }
            text += "]"
        case .mapping(let entries):
            text += "{"
            for (index, entry) in entries.enumerated() {
                if index > 0 { text += "," }
                Self.appendQuoted(entry.key, to: &text)
                text += ":"
                entry.value.appendJSON(to: &text)
            }
            text += "}"
        }
    }

    private static func json(of number: Double) -> String {
        if number.isNaN { return "\"NaN\"" }
        if number.isInfinite { return number < 0 ? "\"-Infinity\"" : "\"Infinity\"" }
        if let whole = plainInteger(number) { return String(whole) }
        let text = number.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func appendQuoted(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<"\u{20}", "\u{7f}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
