import Yams

/// Turns YAML text into ``FileNode``s: the one place that knows Yams.
///
/// Refused, with their places: anchors, aliases, merge keys, tags, duplicate keys, keys that are no scalars, more than one
/// document, and nesting beyond ``maximumDepth``. None of them has a meaning in an experiment file.
struct YAMLReader {
    /// Levels of lists and mappings that a file may nest.
    static let maximumDepth = 64
    /// `*name` words with a matching `&name` that a text may have before YAML is not even tried: aliases of aliases grow
    /// without bound while they are read. Shell commands may have a few such words.
    static let maximumAliasWords = 16

    let fileName: String
    let diagnostics: DiagnosticCollector
    private let lines: SourceLines

    private init(text: String, fileName: String, diagnostics: DiagnosticCollector) {
        self.fileName = fileName
        self.diagnostics = diagnostics
        lines = SourceLines(text)
    }

    /// The document, or `nil` when it is empty or an error was reported.
    static func read(_ text: String, fileName: String, diagnostics: DiagnosticCollector) -> FileNode? {
        let reader = YAMLReader(text: text, fileName: fileName, diagnostics: diagnostics)
        if let line = AliasWords.firstLine(in: reader.lines, moreThan: maximumAliasWords) {
            diagnostics.error(anchorMessage, at: SourcePosition(source: fileName, line: line, column: 1))
            return nil
        }
        if let place = FlowNesting.firstExcess(in: reader.lines, over: maximumDepth) {
            diagnostics.error(
                depthMessage,
                at: SourcePosition(source: fileName, line: place.line, column: place.column)
            )
            return nil
        }
        do {
            let parser = try Parser(yaml: text, encoding: .utf8)
            guard let root = try parser.singleRoot() else { return nil }
            // Nodes hold their anchors weakly; the parser owns them.
            return withExtendedLifetime(parser) { reader.convert(root, depth: 1) }
        } catch {
            reader.report(error)
            return nil
        }
    }

    private static let anchorMessage = "anchors and aliases are not supported; write the value where it is used"
    private static let depthMessage = "lists and mappings are nested more than \(maximumDepth) levels deep"

    /// The parser sees one more line break at the end of the text than there is.
    private func position(_ mark: Mark?) -> SourcePosition {
        let line = mark?.line ?? 1
        let column = mark?.column ?? 1
        let place = lines.offset(line: line, column: column) == nil ? lines.place(of: .max) : (line, column)
        return SourcePosition(source: fileName, line: place.0, column: place.1)
    }

    private func convert(_ node: Node, depth: Int) -> FileNode? {
        let position = position(node.mark)
        guard depth <= Self.maximumDepth else {
            diagnostics.error(Self.depthMessage, at: position)
            return nil
        }
        guard node.anchor == nil else {
            diagnostics.error(Self.anchorMessage, at: position)
            return nil
        }
        switch node {
        case .alias:
            diagnostics.error(Self.anchorMessage, at: position)
            return nil
        case .scalar(let scalar): return FileNode(position: position, content: .scalar(convert(scalar, position)))
        case .sequence(let sequence):
            if sequence.tag != .implicit { reportTag(at: position) }
            var items: [FileNode] = []
            for item in sequence { if let item = convert(item, depth: depth + 1) { items.append(item) } }
            return FileNode(position: position, content: .list(items))
        case .mapping(let mapping):
            if mapping.tag != .implicit { reportTag(at: position) }
            return FileNode(position: position, content: .mapping(convert(mapping, depth: depth)))
        }
    }

    private func convert(_ mapping: Node.Mapping, depth: Int) -> [FileEntry] {
        var entries: [FileEntry] = []
        var seen: Set<String> = []
        for (key, value) in mapping {
            let keyPosition = position(key.mark)
            guard let name = key.scalar, key.anchor == nil else {
                diagnostics.error("a key must be a plain name", at: keyPosition)
                continue
            }
            if name.string == "<<", name.style == .plain {
                diagnostics.error("merge keys are not supported; write the entries here", at: keyPosition)
                continue
            }
            guard seen.insert(name.string).inserted else {
                diagnostics.error("the key \(shown(name.string)) is there twice in this mapping", at: keyPosition)
                continue
            }
            guard let value = convert(value, depth: depth + 1) else { continue }
            entries.append(FileEntry(key: name.string, keyPosition: keyPosition, value: value))
        }
        return entries
    }

    private func convert(_ scalar: Node.Scalar, _ position: SourcePosition) -> FileScalar {
        let style: FileScalar.Style =
            switch scalar.style {
            case .plain: .plain
            case .singleQuoted: .singleQuoted
            case .doubleQuoted: .doubleQuoted
            default: .block
            }
        // A quoted text has the tag of a text from the parser, so there a tag of the user's is one that differs.
        if scalar.tag != .implicit, style == .plain || scalar.tag != Tag(.str) { reportTag(at: position) }
        return FileScalar(text: scalar.string, style: style, lines: lines)
    }

    private func reportTag(at position: SourcePosition) {
        diagnostics.error("tags are not supported; put quotation marks around a text", at: position)
    }

    private func report(_ error: any Error) {
        guard let error = error as? YamlError else {
            diagnostics.error(
                "the file cannot be read: \(error)",
                at: SourcePosition(source: fileName, line: 1, column: 1)
            )
            return
        }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let isUndefinedAlias = problem == "found undefined alias"
            let message = isUndefinedAlias ? Self.anchorMessage : "this is no valid YAML: \(problem)"
            let since = context.map { " (\($0.text) that began at \($0.mark.line):\($0.mark.column))" } ?? ""
            diagnostics.error(message + (isUndefinedAlias ? "" : since), at: position(mark))
        case .reader(let problem, let offset, _, let yaml):
            let place = lines.place(of: yaml.utf8.prefix(offset ?? 0).count { $0 & 0xc0 != 0x80 })
            let position = SourcePosition(source: fileName, line: place.line, column: place.column)
            diagnostics.error("this is no valid YAML: \(problem)", at: position)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map(shown).joined(separator: ", ")
            diagnostics.error(
                "the key \(names) is there twice in this mapping; remove one of them",
                at: position(context.mark)
            )
        default:
            diagnostics.error("the file cannot be read as YAML: \(error)", at: position(nil))
        }
    }
}
