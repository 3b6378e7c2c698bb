import SearchSpace

extension SpaceExpressionParser {
    /// What is written before the names of distributions.
    private static let hyperoptPrefixes = [["hp"], ["hyperopt", "hp"]]

    mutating func nameOrCall(_ first: String, depth: Int) throws(SpaceExpressionError) -> LocatedExpression {
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
        let isHyperopt = Self.hyperoptPrefixes.contains(parts.dropLast())
        let call = SpaceCall(
            name: isHyperopt ? parts[parts.count - 1] : parts.joined(separator: "."),
            isHyperopt: isHyperopt,
            offset: start,
            arguments: try arguments(depth: depth)
        )
        return LocatedExpression(expression: try call.literal ?? .call(call), offset: start)
    }

    private mutating func arguments(depth: Int) throws(SpaceExpressionError) -> [SpaceCall.Argument] {
        try advance()
        var arguments: [SpaceCall.Argument] = []
        var names: Set<String> = []
        while token != .symbol(")") {
            let start = offset
            let name = try keyword()
            if let name {
                guard names.insert(name).inserted else {
                    throw SpaceExpressionError(offset: start, message: "the argument \(shown(name)) is there twice")
                }
            } else if !names.isEmpty {
                throw failure("an argument without a name cannot follow one with a name")
            }
            arguments.append(.init(name: name, offset: start, value: try expression(depth: depth + 1)))
            guard try take(",") else { break }
        }
        guard try take(")") else { throw failure("a comma or \")\" is missing here") }
        return arguments
    }

    /// The name before "=", which takes a second token to see.
    private mutating func keyword() throws(SpaceExpressionError) -> String? {
        guard case .name(let name) = token else { return nil }
        let before = self
        try advance()
        if try take("=") { return name }
        self = before
        return nil
    }
}
