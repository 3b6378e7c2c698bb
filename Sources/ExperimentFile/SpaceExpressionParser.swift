import SearchSpace

/// Recursive-descent parser of parameter texts.
///
///     expression = call | literal
///     call       = ["hp" "."] name "(" [argument {"," argument} [","]] ")"
///     argument   = [name "="] expression
///     literal    = number | text | "True" | "False" | "None" | "true" | "false" | "null" | list | mapping
///     list       = "[" … "]" | "(" … ")"      mapping = "{" text ":" expression, … "}"
struct SpaceExpressionParser {
    /// Levels of calls, lists and mappings that a text may nest.
    static let maximumDepth = 32

    private var lexer: SpaceExpressionLexer
    private var token: SpaceExpressionLexer.Token = .end
    private var offset = 0

    /// The tree of a text.
    static func parse(_ text: String) throws(SpaceExpressionError) -> LocatedExpression {
        var parser = SpaceExpressionParser(lexer: SpaceExpressionLexer(text))
        try parser.advance()
        let expression = try parser.expression(depth: 1)
        guard parser.token == .end else { throw parser.failure("there is something after the end of the expression") }
        return expression
    }

    private init(lexer: SpaceExpressionLexer) { self.lexer = lexer }

    private mutating func advance() throws(SpaceExpressionError) {
        (token, offset) = try lexer.next()
    }

    private func failure(_ message: String) -> SpaceExpressionError {
        SpaceExpressionError(
            offset: offset,
            message: token == .end ? "the expression ends too early: \(message)" : message
        )
    }

    private mutating func take(_ symbol: Unicode.Scalar) throws(SpaceExpressionError) -> Bool {
        guard token == .symbol(symbol) else { return false }
        try advance()
        return true
    }

    private mutating func expression(depth: Int) throws(SpaceExpressionError) -> LocatedExpression {
        let start = offset
        guard depth <= Self.maximumDepth else {
            throw failure("the expression is nested more than \(Self.maximumDepth) levels deep")
        }
        switch token {
        case .number(let word):
            let value = try Self.number(word, offset: start)
            try advance()
            return LocatedExpression(expression: .value(value), offset: start)
        case .text(let text):
            try advance()
            return LocatedExpression(expression: .value(.string(text)), offset: start)
        case .name(let name): return try nameOrCall(name, depth: depth)
        case .symbol("["):
            return LocatedExpression(expression: .list(try items(until: "]", depth: depth)), offset: start)
        case .symbol("("):
            return LocatedExpression(expression: .list(try items(until: ")", depth: depth)), offset: start)
        case .symbol("{"): return LocatedExpression(expression: .mapping(try entries(depth: depth)), offset: start)
        case .symbol, .end: throw failure("a value is missing here")
        }
    }

    private mutating func items(
        until end: Unicode.Scalar,
        depth: Int
    ) throws(SpaceExpressionError) -> [LocatedExpression] {
        try advance()
        var items: [LocatedExpression] = []
        while token != .symbol(end) {
            items.append(try expression(depth: depth + 1))
            guard try take(",") else { break }
        }
        guard try take(end) else { throw failure("a comma or \"\(end)\" is missing here") }
        return items
    }

    private mutating func entries(depth: Int) throws(SpaceExpressionError) -> [(key: String, value: LocatedExpression)]
    {
        try advance()
        var entries: [(key: String, value: LocatedExpression)] = []
        var seen: Set<String> = []
        while token != .symbol("}") {
            guard case .text(let key) = token else { throw failure("a key in quotation marks is missing here") }
            guard seen.insert(key).inserted else { throw failure("the key \(shown(key)) is there twice") }
            try advance()
            guard try take(":") else { throw failure("a colon is missing here") }
            entries.append((key, try expression(depth: depth + 1)))
            guard try take(",") else { break }
        }
        guard try take("}") else { throw failure("a comma or \"}\" is missing here") }
        return entries
    }

    private mutating func nameOrCall(_ first: String, depth: Int) throws(SpaceExpressionError) -> LocatedExpression {
        let start = offset
        var parts = [first]
        try advance()
        while try take(".") {
            guard case .name(let part) = token else { throw failure("a name is missing after the point") }
            parts.append(part)
            try advance()
        }
        guard token == .symbol("(") else {
            let literals: [String: ParameterValue] = [
                "True": true, "true": true, "False": false, "false": false, "None": nil, "null": nil,
            ]
            if parts.count == 1, let value = literals[first] {
                return LocatedExpression(expression: .value(value), offset: start)
            }
            let name = parts.joined(separator: ".")
            let message = "\(shown(name)) is no value; put quotation marks around a text"
            throw SpaceExpressionError(offset: start, message: message)
        }
        let isHyperopt = parts.count == 2 && first == "hp"
        guard parts.count == 1 || isHyperopt, !["log", "exp"].contains(parts[parts.count - 1]) else {
            let message =
                "\(shown(parts.joined(separator: ".")))(…) is not evaluated; write the number itself, "
                + "or {type: float, min: …, max: …, log: true} for plain bounds"
            throw SpaceExpressionError(offset: start, message: message)
        }
        let arguments = try arguments(depth: depth)
        let name = parts[parts.count - 1]
        let call = SpaceCall(name: name, isHyperopt: isHyperopt, offset: start, arguments: arguments)
        return LocatedExpression(expression: .call(call), offset: start)
    }

    private mutating func arguments(depth: Int) throws(SpaceExpressionError) -> [SpaceCall.Argument] {
        try advance()
        var arguments: [SpaceCall.Argument] = []
        var names: Set<String> = []
        while token != .symbol(")") {
            // A name is a keyword only before "=", which takes a second token to see.
            if case .name(let name) = token {
                let before = self
                let start = offset
                try advance()
                if try take("=") {
                    if !names.insert(name).inserted {
                        throw SpaceExpressionError(offset: start, message: "the argument \(shown(name)) is there twice")
                    }
                    arguments.append(.init(name: name, value: try expression(depth: depth + 1)))
                    guard try take(",") else { break }
                    continue
                }
                self = before
            }
            if !names.isEmpty {
                throw failure("an argument without a name cannot follow one with a name")
            }
            arguments.append(.init(name: nil, value: try expression(depth: depth + 1)))
            guard try take(",") else { break }
        }
        guard try take(")") else { throw failure("a comma or \")\" is missing here") }
        return arguments
    }

    /// A number as Python writes it in decimal, so also `.5`, `3.` and `+1`.
    private static func number(_ word: String, offset: Int) throws(SpaceExpressionError) -> ParameterValue {
        var text = word.hasPrefix("+") ? String(word.dropFirst()) : word
        let sign = text.hasPrefix("-") ? "-" : ""
        if text.hasPrefix(sign + ".") { text = sign + "0" + text.dropFirst(sign.count) }
        if let point = text.firstIndex(of: ".") {
            let next = text.index(after: point)
            if next == text.endIndex || !text[next].isNumber { text.insert("0", at: next) }
        }
        switch StrictScalar.number(text) {
        case .integer(let whole): return .integer(whole)
        case .double(let number): return .double(number)
        case .tooLarge: throw SpaceExpressionError(offset: offset, message: "the number \(shown(word)) is too large")
        default:
            let hint = StrictScalar.hint(for: word).map { "; \($0)" } ?? ""
            throw SpaceExpressionError(offset: offset, message: "\(shown(word)) is no number\(hint)")
        }
    }
}
