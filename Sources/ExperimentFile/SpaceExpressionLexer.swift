/// Splits the text of an expression into tokens.
struct SpaceExpressionLexer {
    enum Token: Equatable {
        case name(String)
        case number(String)
        case text(String)
        /// One of `( ) [ ] { } , : = . + - * / %`, or `**`, `//`
        case symbol(String)
        case end
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// The next token and its offset.
    mutating func next() throws(SpaceExpressionError) -> (token: Token, offset: Int) {
        skipSpace()
        let start = position
        guard let scalar = peek else { return (.end, start) }
        if scalar == "'" || scalar == "\"" { return (.text(try readText(quote: scalar, isRaw: false)), start) }
        if isDigit(scalar) || (scalar == "." && isDigit(peek(1))) { return (.number(readWord()), start) }
        if isNameStart(scalar) {
            if let quote = peek(1), quote == "'" || quote == "\"", "uUrR".unicodeScalars.contains(scalar) {
                position += 1
                return (.text(try readText(quote: quote, isRaw: scalar == "r" || scalar == "R")), start)
            }
            while let scalar = peek, isNameStart(scalar) || isDigit(scalar) { position += 1 }
            return (.name(string(from: start)), start)
        }
        guard "()[]{},:=.+-*/%".unicodeScalars.contains(scalar) else {
            throw SpaceExpressionError(
                offset: start,
                message: "the character \(shown(String(scalar))) has no place here"
            )
        }
        position += 1
        if scalar == "*" || scalar == "/", peek == scalar { position += 1 }
        return (.symbol(string(from: start)), start)
    }

    /// Space, and comments up to the end of their line.
    private mutating func skipSpace() {
        while let scalar = peek {
            if scalar == "#" {
                while let scalar = peek, !SourceLines.isBreak(scalar) { position += 1 }
            } else if !scalar.properties.isWhitespace {
                return
            } else {
                position += 1
            }
        }
    }

    private var peek: Unicode.Scalar? { peek(0) }

    private func peek(_ distance: Int) -> Unicode.Scalar? {
        position + distance < scalars.count ? scalars[position + distance] : nil
    }

    private func isDigit(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { ("0"..."9").contains($0) } ?? false }

    private func isNameStart(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || scalar.properties.isAlphabetic }

    /// Everything that could belong to a number, right or wrong, so that `1_000` and `0x1F` stay one word of a message.
    private mutating func readWord() -> String {
        let start = position
        let isHexadecimal = peek == "0" && (peek(1) == "x" || peek(1) == "X")
        position += 1
        while let scalar = peek {
            let isExponent = !isHexadecimal && (scalars[position - 1] == "e" || scalars[position - 1] == "E")
            let isSign = isExponent && (scalar == "-" || scalar == "+")
            guard isDigit(scalar) || isNameStart(scalar) || scalar == "." || isSign else { break }
            position += 1
        }
        return string(from: start)
    }

    private func string(from start: Int) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<position])
        return String(view)
    }

    private mutating func readText(quote: Unicode.Scalar, isRaw: Bool) throws(SpaceExpressionError) -> String {
        let start = position
        guard peek(1) != quote || peek(2) != quote else {
            let message = "texts in three quotation marks are not read; write one pair of quotation marks"
            throw SpaceExpressionError(offset: start, message: message)
        }
        position += 1
        var text = String.UnicodeScalarView()
        while let scalar = peek {
            position += 1
            if scalar == quote { return try checked(text, start: start) }
            if scalar == "\\", isRaw, let next = peek {
                position += 1
                text.append(scalar)
                text.append(next)
            } else if scalar == "\\" {
                if let escaped = try readEscape() { text.append(escaped) }
            } else {
                text.append(scalar)
            }
        }
        throw SpaceExpressionError(offset: start, message: "this text is not closed; a quotation mark is missing")
    }

    /// A byte-order mark comes from careless copying, cannot be seen, and is lost when the text is written as YAML.
    private func checked(_ text: String.UnicodeScalarView, start: Int) throws(SpaceExpressionError) -> String {
        guard !text.contains("\u{feff}") else {
            let message = "this text holds an invisible byte-order mark (U+FEFF); write it anew"
            throw SpaceExpressionError(offset: start, message: message)
        }
        return String(text)
    }

    /// The character of an escape; `nil` for one that joins two lines.
    private mutating func readEscape() throws(SpaceExpressionError) -> Unicode.Scalar? {
        let start = position - 1
        guard let scalar = peek else { throw SpaceExpressionError(offset: start, message: "this text is not closed") }
        position += 1
        switch scalar {
        case "\\", "'", "\"": return scalar
        case "\n": return nil
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
        guard text.unicodeScalars.count == digits, text.allSatisfy(\.isHexDigit), let code = UInt32(text, radix: 16),
            let scalar = Unicode.Scalar(code)
        else { throw SpaceExpressionError(offset: start, message: "this escape names no character") }
        position = end
        return scalar
    }
}
