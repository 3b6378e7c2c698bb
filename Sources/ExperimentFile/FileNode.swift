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
    /// How the text is written down.
    enum Style {
        case plain, singleQuoted, doubleQuoted, block
    }

    /// The text without quotation marks, escapes resolved.
    var text: String
    /// How it is written down; only a plain one may mean a number, a truth value or null.
    var style: Style
    /// The lines of the input, where the text can be found again.
    var lines: SourceLines?

    /// Whether it stands without quotation marks, so that it may mean a number, a truth value or null.
    var isPlain: Bool { style == .plain }

    init(text: String, style: Style, lines: SourceLines? = nil) {
        self.text = text
        self.style = style
        self.lines = lines
    }

    /// A text that is not part of an input with lines.
    init(text: String, isPlain: Bool) { self.init(text: text, style: isPlain ? .plain : .block) }
}
