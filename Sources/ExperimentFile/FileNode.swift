/// A piece of the input with its place: what the YAML reader hands on, free of YAML.
struct FileNode {
    enum Content {
        case scalar(FileScalar)
        case list([FileNode])
        case mapping([FileEntry])
    }

    var position: SourcePosition
    var content: Content

    var scalar: FileScalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    /// What stands here, in words.
    var kind: String {
        switch content {
        case .scalar(let scalar): scalar.kind
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// One key and its value.
struct FileEntry {
    var key: String
    var keyPosition: SourcePosition
    var value: FileNode
}

/// A text as it stands in the input.
struct FileScalar {
    /// The text without quotation marks, escapes resolved.
    var text: String
    /// Whether it stands without quotation marks, so that it may mean a number, a truth value or null.
    var isPlain: Bool
    /// The lines of the input, where the text may be found there as it reads.
    var lines: SourceLines?
    /// Whether the text stands between quotation marks on its line.
    var isQuoted = false

    /// The place of the character at an offset, in Unicode scalars; the start of the scalar where it cannot be told.
    ///
    /// Escapes and line breaks move characters, so the text must stand on its line just as it reads.
    func position(at offset: Int, default start: SourcePosition) -> SourcePosition {
        guard let lines, let line = start.line, let column = start.column else { return start }
        let first = column + (isQuoted ? 1 : 0)
        guard lines.rest(ofLine: line, from: first).starts(with: text.unicodeScalars) else { return start }
        return SourcePosition(source: start.source, line: line, column: first + offset)
    }
}

/// The lines of an input, kept to find places inside of scalars.
final class SourceLines {
    private let lines: [Substring.UnicodeScalarView]

    init(_ text: String) {
        lines = Substring(text).unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The rest of a line from a column on; both count from 1.
    func rest(ofLine line: Int, from column: Int) -> Substring.UnicodeScalarView {
        guard lines.indices.contains(line - 1) else { return Substring().unicodeScalars }
        return lines[line - 1].dropFirst(column - 1)
    }
}
