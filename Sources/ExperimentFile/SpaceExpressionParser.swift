import SearchSpace

/// Recursive-descent parser of parameter texts and of whole spaces as Python writes them.
///
///     text       = [name "="] expression
///     expression = call | literal
///     call       = name {"." name} "(" [argument {"," argument} [","]] ")"
///     argument   = [name "="] expression
///     literal    = number | text {text} | "True" | "False" | "None" | "true" | "false" | "null" | list | mapping
///     list       = "[" [expression {"," expression} [","]] "]" | tuple
///     tuple      = "(" ")" | "(" expression "," … ")"      "(" expression ")" is the expression itself
///     mapping    = "{" text ":" expression, … "}"
struct SpaceExpressionParser {
    /// Levels of calls, lists and mappings that a text may nest.
    static let maximumDepth = 96

    private var lexer: SpaceExpressionLexer
    var token: SpaceExpressionLexer.Token = .end
    var offset = 0

    /// The tree of a text.
    static func parse(_ text: String) throws(SpaceExpressionError) -> LocatedExpression {
        var parser = SpaceExpressionParser(lexer: SpaceExpressionLexer(text))
        try parser.advance()
        try parser.skipAssignment()
        let expression = try parser.expression(depth: 1)
        guard parser.token == .end else { throw parser.failure("there is something after the end of the expression") }
        return expression
    }

    private init(lexer: SpaceExpressionLexer) { self.lexer = lexer }

    mutating func advance() throws(SpaceExpressionError) {
        (token, offset) = try lexer.next()
    }

    func failure(_ message: String) -> SpaceExpressionError {
        SpaceExpressionError(
            offset: offset,
            message: token == .end ? "the expression ends too early: \(message)" : message
        )
    }

    mutating func take(_ symbol: String) throws(SpaceExpressionError) -> Bool {
        guard token == .symbol(symbol) else { return false }
        try advance()
        return true
    }

    /// `space = …` as it stands in a program.
    private mutating func skipAssignment() throws(SpaceExpressionError) {
        guard case .name(let name) = token else { return }
        let start = offset
        let before = self
        try advance()
        if try take("=") { return }
        if case .name = token, ["from", "import"].contains(name) {
            let message = "only the search space itself is read; leave out the lines around it"
            throw SpaceExpressionError(offset: start, message: message)
        }
        self = before
    }

    mutating func expression(depth: Int) throws(SpaceExpressionError) -> LocatedExpression {
        let start = offset
        guard depth <= Self.maximumDepth else {
            throw failure("the expression is nested more than \(Self.maximumDepth) levels deep")
        }
        switch token {
        case .number, .symbol("-"), .symbol("+"):
            return LocatedExpression(expression: .value(try sum()), offset: start)
        case .text(var text):
            try advance()
            // Neighbouring texts are one.
            while case .text(let next) = token {
                text += next
                try advance()
            }
            return LocatedExpression(expression: .value(.string(text)), offset: start)
        case .name(let name): return try nameOrCall(name, depth: depth)
        case .symbol("["):
            return LocatedExpression(expression: .list(try items(until: "]", depth: depth).items), offset: start)
        case .symbol("("):
            let (items, hasComma) = try items(until: ")", depth: depth)
            if items.count == 1, !hasComma { return items[0] }
            return LocatedExpression(expression: .list(items), offset: start)
        case .symbol("{"): return LocatedExpression(expression: .mapping(try entries(depth: depth)), offset: start)
        case .symbol, .end: throw failure("a value is missing here")
        }
    }

    private mutating func items(
        until end: String,
        depth: Int
    ) throws(SpaceExpressionError) -> (items: [LocatedExpression], hasComma: Bool) {
        try advance()
        var items: [LocatedExpression] = []
        var hasComma = false
        while token != .symbol(end) {
            items.append(try expression(depth: depth + 1))
            guard try take(",") else { break }
            hasComma = true
        }
        guard try take(end) else { throw failure("a comma or \"\(end)\" is missing here") }
        return (items, hasComma)
    }

    private mutating func entries(depth: Int) throws(SpaceExpressionError) -> [ExpressionEntry] {
        try advance()
        var entries: [ExpressionEntry] = []
        var seen: Set<String> = []
        while token != .symbol("}") {
            guard case .text(let key) = token else { throw failure("a key in quotation marks is missing here") }
            guard seen.insert(key).inserted else { throw failure("the key \(shown(key)) is there twice") }
            let start = offset
            try advance()
            guard try take(":") else { throw failure("a colon is missing here") }
            entries.append(ExpressionEntry(key: key, offset: start, value: try expression(depth: depth + 1)))
            guard try take(",") else { break }
        }
        guard try take("}") else { throw failure("a comma or \"}\" is missing here") }
        return entries
    }
}
