import OrderedCollections
import SearchSpace

/// Writes values as YAML that this module reads back as the same values: short ones in one line, others in blocks.
struct YAMLText {
    /// Characters of a line beyond which a list or mapping is written in a block.
    private static let maximumLineLength = 100

    private(set) var text = ""

    /// The entries of a mapping as a block, each ended by a line break.
    static func block(_ entries: Assignment) -> String {
        var writer = YAMLText()
        writer.append(entries, indentation: 0)
        return writer.text
    }

    /// One item of a list as a block, ended by a line break.
    static func item(_ value: ParameterValue) -> String {
        var writer = YAMLText()
        writer.append([value], indentation: 0)
        return writer.text
    }

    private mutating func append(_ entries: Assignment, indentation: Int) {
        for (key, value) in entries {
            indent(indentation)
            append(key: key, value, indentation: indentation)
        }
    }

    private mutating func append(_ items: [ParameterValue], indentation: Int) {
        for item in items {
            indent(indentation)
            text += "-"
            guard case .mapping(let entries) = item, !Self.fits(item, after: indentation) else {
                append(value: item, indentation: indentation)
                continue
            }
            // The first entry stands behind the dash, the others below it.
            var isFirst = true
            for (key, value) in entries {
                if isFirst { text += " " } else { indent(indentation + 2) }
                append(key: key, value, indentation: indentation + 2)
                isFirst = false
            }
        }
    }

    private mutating func append(key: String, _ value: ParameterValue, indentation: Int) {
        let name = YAMLScalar.flow(key)
        if YAMLScalar.isLongKey(name) {
            text += "? \(name)\n"
            indent(indentation)
            text += ":"
        } else {
            text += "\(name):"
        }
        append(value: value, indentation: indentation)
    }

    /// A value behind a colon or a dash, with the line's end.
    private mutating func append(value: ParameterValue, indentation: Int) {
        switch value {
        case .mapping(let entries) where !Self.fits(value, after: indentation):
            text += "\n"
            append(entries, indentation: indentation + 2)
        case .list(let items) where !Self.fits(value, after: indentation):
            text += "\n"
            append(items, indentation: indentation + 2)
        case .string(let string):
            guard let lines = YAMLScalar.blockLines(string) else { fallthrough }
            text += string.hasSuffix("\n") ? " |\n" : " |-\n"
            for line in lines {
                if !line.isEmpty { indent(indentation + 2) }
                text += line + "\n"
            }
        default: text += " \(Self.flow(value))\n"
        }
    }

    private mutating func indent(_ count: Int) { text += String(repeating: " ", count: count) }

    private static func fits(_ value: ParameterValue, after indentation: Int) -> Bool {
        switch value {
        case .mapping(let entries): entries.isEmpty || flow(value).count + indentation <= maximumLineLength
        case .list(let items): items.isEmpty || flow(value).count + indentation <= maximumLineLength
        default: true
        }
    }

    /// "2.0" stays a number with a point, and "1e-05" gets one: readers of YAML 1.1 (PyYAML) take it for a text without.
    private static func number(_ number: Double) -> String {
        let text = number.description
        guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }

    /// The value in one line.
    private static func flow(_ value: ParameterValue) -> String {
        switch value {
        case .null: return "null"
        case .bool(let truth): return truth ? "true" : "false"
        case .integer(let number): return String(number)
        case .double(let number): return Self.number(number)
        case .string(let text): return YAMLScalar.flow(text)
        case .list(let items): return "[" + items.map(flow).joined(separator: ", ") + "]"
        case .mapping(let entries):
            let texts = entries.map { key, value in
                let name = YAMLScalar.flow(key)
                return (YAMLScalar.isLongKey(name) ? "? \(name) : " : "\(name): ") + flow(value)
            }
            return "{" + texts.joined(separator: ", ") + "}"
        }
    }
}
