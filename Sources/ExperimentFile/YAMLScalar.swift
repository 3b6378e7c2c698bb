/// How a text is written in YAML.
enum YAMLScalar {
    /// Bytes of a key beyond which YAML wants it marked as one.
    private static let maximumPlainKeyBytes = 512

    /// Whether a key, as it is written, needs a question mark before it.
    static func isLongKey(_ written: String) -> Bool { written.utf8.count > maximumPlainKeyBytes }

    /// The text in one line, in quotation marks where it could be taken for something else.
    static func flow(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    /// The lines of a text that can stand as a block behind `|`; `nil` for one that has a single line or cannot.
    static func blockLines(_ text: String) -> [Substring]? {
        let scalars = text.unicodeScalars
        guard scalars.contains("\n"), let first = scalars.first, first != " ", first != "\n", !text.hasSuffix("\n\n"),
            scalars.allSatisfy({ $0 == "\n" || isPrintable($0) })
        else { return nil }
        let body = text.hasSuffix("\n") ? text.dropLast() : text[...]
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
        // A line of spaces alone would lose its indentation.
        return lines.contains { $0.allSatisfy { $0 == " " } && !$0.isEmpty } ? nil : lines
    }

    /// Whether a text can stand without quotation marks and is then read as that text, by us and by other readers.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, isLetter(first) || first == "/" else { return false }
        let others = "0123456789._/-".unicodeScalars
        guard text.unicodeScalars.allSatisfy({ isLetter($0) || others.contains($0) }) else { return false }
        let words: Set = ["yes", "no", "on", "off", "true", "false", "null", "none", "inf", "nan"]
        return !words.contains(text.lowercased())
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
    }

    /// What YAML can print and does not take for a line break.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " "..."~", "\u{a0}"..."\u{2027}", "\u{202a}"..."\u{d7ff}", "\u{e000}"..."\u{fefe}",
            "\u{ff00}"..."\u{fffd}", "\u{10000}"..."\u{10ffff}":
            true
        default: false
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            }
        }
        return result + "\""
    }
}
