/// Looks for aliases before YAML is parsed: an alias of an alias of … takes time and memory without bound.
enum AliasWords {
    /// The first line with an alias of an anchor in the text, when there are more such aliases than `limit`.
    static func firstLine(in text: String, moreThan limit: Int) -> Int? {
        guard text.utf8.contains(UInt8(ascii: "&")), text.utf8.contains(UInt8(ascii: "*")) else { return nil }
        let separators = Set(" \t\r[]{},:?".unicodeScalars)
        var anchors: Set<String> = []
        var aliases: [(name: String, line: Int)] = []
        // Unicode scalars, since "\r\n" is one character of its own.
        for (number, line) in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        {
            for word in line.split(whereSeparator: separators.contains) {
                if word.first == "&" { anchors.insert(String(word.dropFirst())) }
                if word.first == "*" { aliases.append((String(word.dropFirst()), number + 1)) }
            }
        }
        let matching = aliases.filter { anchors.contains($0.name) }
        return matching.count > limit ? matching.first?.line : nil
    }
}

/// Counts open brackets before YAML is parsed: the parser calls itself once for each.
enum FlowNesting {
    /// The first place where more brackets are open than `limit`; `nil` if there is none.
    ///
    /// Brackets in texts and comments count too: with that many unclosed ones it is no experiment file either.
    static func firstExcess(in text: String, over limit: Int) -> (line: Int, column: Int)? {
        var line = 1
        var column = 0
        var depth = 0
        for scalar in text.unicodeScalars {
            column += 1
            switch scalar {
            case "\n":
                line += 1
                column = 0
            case "[", "{": depth += 1
            case "]", "}": depth = max(0, depth - 1)
            default: break
            }
            if depth > limit { return (line, column) }
        }
        return nil
    }
}
