/// Looks for aliases before YAML is parsed: an alias of an alias of … takes time and memory without bound.
enum AliasWords {
    /// The first line with an alias of an anchor in the text, when there are more such aliases than `limit`.
    static func firstLine(in lines: SourceLines, moreThan limit: Int) -> Int? {
        guard lines.scalars.contains("&"), lines.scalars.contains("*") else { return nil }
        let separators = Set(" \t[]{},:?\r\n\u{85}\u{2028}\u{2029}".unicodeScalars)
        var anchors: Set<String> = []
        var aliases: [(name: String, offset: Int)] = []
        for word in lines.scalars.split(whereSeparator: separators.contains) {
            guard word.first == "&" || word.first == "*" else { continue }
            let name = String(String.UnicodeScalarView(word.dropFirst()))
            if word.first == "&" { anchors.insert(name) } else { aliases.append((name, word.startIndex)) }
        }
        let matching = aliases.filter { anchors.contains($0.name) }
        return matching.count > limit ? matching.first.map { lines.place(of: $0.offset).line } : nil
    }
}

/// Counts open brackets before YAML is parsed: the parser calls itself once for each.
enum FlowNesting {
    /// The first place where more brackets are open than `limit`; `nil` if there is none.
    ///
    /// Brackets in texts and comments count too: with that many unclosed ones it is no experiment file either.
    static func firstExcess(in lines: SourceLines, over limit: Int) -> (line: Int, column: Int)? {
        var depth = 0
        for (offset, scalar) in lines.scalars.enumerated() {
            switch scalar {
            case "[", "{": depth += 1
            case "]", "}": depth = max(0, depth - 1)
            default: break
            }
            if depth > limit { return lines.place(of: offset) }
        }
        return nil
    }
}
