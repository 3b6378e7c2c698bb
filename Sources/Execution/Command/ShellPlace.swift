/// Where in a shell text a value is written, and so how it has to be quoted.
struct ShellPlace: Equatable {
    /// The quoting that the surrounding text has already begun.
    enum Quoting: Equatable {
        /// Outside quotes: a word or a part of one.
        case word
        /// Between double quotes.
        case doubleQuotes
        /// Between single quotes.
        case singleQuotes
        /// The scanner cannot tell: only a value that needs no quoting anywhere may stand here.
        case unknown(reason: String)
    }

    /// The quoting that the surrounding text has already begun.
    var quoting: Quoting
    /// Inside backquotes, which remove one layer of backslashes before the rest is read.
    var isInBackquotes = false
    /// A bare value would be read together with its neighbour: `{n}>file`, `$VARIABLE{x}`.
    var mustSeparate = false

    /// The text of a value for this place.
    ///
    /// - Throws: ``ExecutionError/unsafePlace(parameter:value:reason:)`` where quoting would be a guess.
    func quoted(_ value: String, parameter: String) throws(ExecutionError) -> String {
        let text: String
        switch quoting {
        case .unknown(let reason):
            guard value.isEmpty || Self.isBareSafe(value) else {
                throw ExecutionError.unsafePlace(parameter: parameter, value: value, reason: reason)
            }
            return value
        case .word: text = !mustSeparate && Self.isPlainWord(value) ? value : Self.word(value)
        case .doubleQuotes: text = (mustSeparate ? "\"\"" : "") + Self.escaped(value, ["$", "`", "\\", "\""])
        case .singleQuotes: text = Self.insideSingleQuotes(value)
        }
        return isInBackquotes ? Self.escaped(text, ["\\", "`", "$"]) : text
    }

    /// A value as one word of the shell, between single quotes.
    static func word(_ value: String) -> String { "'" + insideSingleQuotes(value) + "'" }

    /// Whether the text means itself in every place: `[A-Za-z0-9_@%+=:,./-]+`.
    static func isBareSafe(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isAlphanumeric($0) || safeMarks.contains($0) }
    }

    /// Bare-safe, and also no assignment, brace list or reserved word.
    static func isPlainWord(_ text: String) -> Bool {
        isBareSafe(text) && !text.utf8.contains { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ",") }
            && !reservedWords.contains(text)
    }

    private static func insideSingleQuotes(_ value: String) -> String {
        value.unicodeScalars.reduce(into: "") { result, scalar in
            if scalar == "'" { result += "'\\''" } else { result.unicodeScalars.append(scalar) }
        }
    }

    // Scalars, not characters: a quote followed by a combining mark is one Character, and still a quote to the shell.
    private static func escaped(_ value: String, _ special: [Unicode.Scalar]) -> String {
        value.unicodeScalars.reduce(into: "") { result, scalar in
            if special.contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static let safeMarks = Array("_@%+=:,./-".utf8)
    private static let reservedWords: Set<String> = [
        "if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "in", "function",
        "select", "time", "coproc",
    ]
}
