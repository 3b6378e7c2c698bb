/// Where each character of a scalar stands in the input.
///
/// Quotation marks, escapes, line breaks and indentation move characters. They are followed as far as they go; where
/// the input does not say what the scalar says, the start of the scalar stands for all of it.
struct ScalarPlaces {
    private let start: SourcePosition
    private let lines: SourceLines?
    /// Offset in the input of each character, and of the end.
    private let offsets: [Int]

    init(_ scalar: FileScalar, at start: SourcePosition) {
        self.start = start
        lines = scalar.lines
        var walk = ScalarWalk(scalar, at: start)
        offsets = walk?.offsets() ?? []
    }

    /// The place of the character at an offset of the scalar's text, in Unicode scalars.
    subscript(offset: Int) -> SourcePosition {
        guard let lines, offsets.indices.contains(offset) else { return start }
        let place = lines.place(of: offsets[offset])
        return SourcePosition(source: start.source, line: place.line, column: place.column)
    }
}

/// Goes through a scalar's text and the input side by side.
private struct ScalarWalk {
    private let text: [Unicode.Scalar]
    private let source: [Unicode.Scalar]
    private let style: FileScalar.Style
    private var found: [Int] = []
    private var position: Int

    init?(_ scalar: FileScalar, at start: SourcePosition) {
        guard let lines = scalar.lines, let line = start.line, let column = start.column,
            let position = lines.offset(line: line, column: column)
        else { return nil }
        text = Array(scalar.text.unicodeScalars)
        source = lines.scalars
        style = scalar.style
        self.position = position
    }

    /// The offset of each character and of the end; `nil` when input and text do not agree.
    mutating func offsets() -> [Int]? {
        guard skipOpening() else { return nil }
        while found.count < text.count {
            guard takeBreak() || takeEscape() || takeEqual() else { return nil }
        }
        found.append(position)
        return found
    }

    private var peek: Unicode.Scalar? { position < source.count ? source[position] : nil }

    private mutating func skipOpening() -> Bool {
        switch style {
        case .plain: return true
        case .singleQuoted, .doubleQuoted:
            guard peek == (style == .singleQuoted ? "'" : "\"") else { return false }
            position += 1
            return true
        case .block:
            guard peek == "|" || peek == ">" else { return false }
            while let scalar = peek, !SourceLines.isBreak(scalar) { position += 1 }
            position = endOfSpace(in: source, from: position)
            let leading = endOfSpace(in: text, from: 0)
            found = Array(repeating: position, count: leading)
            return true
        }
    }

    /// Space with a line break in it: YAML folds it or cuts the indentation, so only its ends agree.
    private mutating func takeBreak() -> Bool {
        let start = found.count
        guard Self.isSpace(text[start]) else { return false }
        let end = endOfSpace(in: source, from: position)
        guard source[position..<end].contains(where: SourceLines.isBreak) else { return false }
        let count = endOfSpace(in: text, from: start) - start
        found += Array(repeating: position, count: count)
        position = end
        return true
    }

    private mutating func takeEscape() -> Bool {
        let scalar = text[found.count]
        guard position + 1 < source.count else { return false }
        let next = source[position + 1]
        let isEscape =
            switch style {
            case .singleQuoted: scalar == "'" && source[position] == "'" && next == "'"
            case .doubleQuoted: source[position] == "\\" && (next == scalar || (next == "n" && scalar == "\n"))
            case .plain, .block: false
            }
        guard isEscape else { return false }
        found.append(position)
        position += 2
        return true
    }

    private mutating func takeEqual() -> Bool {
        guard let scalar = peek, scalar == text[found.count] else { return false }
        if style == .doubleQuoted, scalar == "\\" { return false }
        found.append(position)
        position += 1
        return true
    }

    private func endOfSpace(in scalars: [Unicode.Scalar], from start: Int) -> Int {
        var end = start
        while end < scalars.count, Self.isSpace(scalars[end]) { end += 1 }
        return end
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || SourceLines.isBreak(scalar)
    }
}
