/// Splits the text of an expression into tokens.
struct SpaceExpressionLexer {
    enum Token: Equatable {
        case name(String)
        case number(String)
        case text(String)
        /// One of `( ) [ ] { } , : = .`
        case symbol(Unicode.Scalar)
        case end
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// The next token and its offset.
    mutating func next() throws(SpaceExpressionError) -> (token: Token, offset: Int) {
        while let scalar = peek, scalar.properties.isWhitespace { position += 1 }
        let start = position
        guard let scalar = peek else { return (.end, start) }
        if scalar == "'" || scalar == "\"" { return (.text(try readText(quote: scalar)), start) }
        if isNumberStart(scalar) { return (.number(readWord()), start) }
        if isNameStart(scalar) {
            while let scalar = peek, isNameStart(scalar) || isDigit(scalar) { position += 1 }
            return (.name(string(from: start)), start)
        }
        guard "()[]{},:=.".unicodeScalars.contains(scalar) else {
            throw SpaceExpressionError(
                offset: start,
                message: "the character \(shown(String(scalar))) has no place here"
            )
        }
        position += 1
        return (.symbol(scalar), start)
    }

    private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private func isNameStart(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || scalar.properties.isAlphabetic }

    private func isNumberStart(_ scalar: Unicode.Scalar) -> Bool {
        if isDigit(scalar) || scalar == "-" || scalar == "+" { return true }
        return scalar == "." && position + 1 < scalars.count && isDigit(scalars[position + 1])
    }

    /// Everything that could belong to a number, right or wrong, so that `1_000` and `0x1F` stay one word of a message.
    private mutating func readWord() -> String {
        let start = position
        position += 1
        while let scalar = peek {
            let isSignOfExponent =
                (scalar == "-" || scalar == "+") && (scalars[position - 1] == "e" || scalars[position - 1] == "E")
            guard isDigit(scalar) || isNameStart(scalar) || scalar == "." || isSignOfExponent else { break }
            position += 1
        }
        return string(from: start)
    }

    private func string(from start: Int) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<position])
        return String(view)
    }

    private mutating func readText(quote: Unicode.Scalar) throws(SpaceExpressionError) -> String {
        let start = position
        position += 1
        var text = String.UnicodeScalarView()
        while let scalar = peek {
            position += 1
            if scalar == quote { return String(text) }
            text.append(scalar == "\\" ? try readEscape() : scalar)
        }
        throw SpaceExpressionError(offset: start, message: "this text is not closed; a quotation mark is missing")
    }

    private mutating func readEscape() throws(SpaceExpressionError) -> Unicode.Scalar {
        let start = position - 1
        guard let scalar = peek else { throw SpaceExpressionError(offset: start, message: "this text is not closed") }
        position += 1
        switch scalar {
        case "\\", "'", "\"": return scalar
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "x": return try readCode(digits: 2, start: start)
        case "u": return try readCode(digits: 4, start: start)
        case "U": return try readCode(digits: 8, start: start)
        default:
            throw SpaceExpressionError(
                offset: start,
                message: "the escape \(shown("\\" + String(scalar))) is unknown; write \\\\ for a backslash"
            )
        }
    }

    private mutating func readCode(digits: Int, start: Int) throws(SpaceExpressionError) -> Unicode.Scalar {
        let end = min(position + digits, scalars.count)
        let text = String(String.UnicodeScalarView(scalars[position..<end]))
        guard text.count == digits, text.allSatisfy(\.isHexDigit), let code = UInt32(text, radix: 16),
            let scalar = Unicode.Scalar(code)
        else { throw SpaceExpressionError(offset: start, message: "this escape names no character") }
        position = end
        return scalar
    }
}
