import SearchSpace

/// Reads the pieces of a search space in their three spellings: text, mapping, list.
///
/// What is wrong is reported and left out, so that the rest is still looked at.
final class SpaceReader {
    /// What a key of a space may look like: it becomes the name of an argument.
    static let keyDescription = "letters, digits, \"_\", \".\" and \"-\", beginning with a letter or \"_\""

    let diagnostics: DiagnosticCollector
    /// Where each path stands.
    private(set) var positions: [String: SourcePosition] = [:]
    /// Keys, paths and labels of what was left out; conditions on them are no second mistake.
    private(set) var brokenNames: Set<String> = []
    private var count = 0

    init(diagnostics: DiagnosticCollector) { self.diagnostics = diagnostics }

    /// The space of a mapping, or of a text that holds all of it; `nil` when anything in it is wrong.
    func readSpace(_ node: FileNode) -> SearchSpace? {
        switch node.content {
        case .mapping(let entries): return readSpace(entries, position: node.position)
        case .scalar(let scalar) where scalar.text.unicodeScalars.contains { "({".unicodeScalars.contains($0) }:
            return readSpace(text: scalar, position: node.position)
        default:
            diagnostics.error(
                "search_space must be a mapping from parameter names to parameters, not \(node.kind)",
                at: node.position
            )
            return nil
        }
    }

    private func readSpace(_ entries: [FileEntry], position: SourcePosition) -> SearchSpace? {
        var drafts: [DraftEntry] = []
        for entry in entries where check(key: entry.key, at: entry.keyPosition) {
            if let draft = read(entry.value, at: .root(entry.key)) {
                drafts.append(DraftEntry(key: entry.key, node: draft))
            }
        }
        return SpaceAssembly(drafts: drafts, reader: self, position: position).space()
    }

    /// The space that a text holds as Python writes it: a mapping, or one parameter with a label.
    func readSpace(text scalar: FileScalar, position: SourcePosition) -> SearchSpace? {
        let places = ScalarPlaces(scalar, at: position)
        let parsed: LocatedExpression
        do {
            parsed = try SpaceExpressionParser.parse(scalar.text)
        } catch {
            diagnostics.error(error.message, at: places[error.offset])
            return nil
        }
        let reader = ExpressionReader(reader: self, places: places)
        let start = places[parsed.offset]
        var drafts: [DraftEntry] = []
        if case .mapping(let entries) = parsed.expression {
            // What is wrong is reported and left out.
            for entry in entries where check(key: entry.key, at: places[entry.offset]) {
                if let node = reader.draft(entry.value, at: .root(entry.key)) {
                    drafts.append(DraftEntry(key: entry.key, node: node))
                }
            }
        } else if let (label, offset) = reader.rootLabel(of: parsed) {
            guard check(key: label, at: places[offset]), let node = reader.draft(parsed, at: .root(label)) else {
                return nil
            }
            diagnostics.warning("the space is not a mapping; a trial sees its value as \(shown(label))", at: start)
            drafts.append(DraftEntry(key: label, node: node))
        } else {
            let message =
                "a search space must be a mapping, {'name': …}, or one parameter with a label, hp.…('name', …)"
            diagnostics.error(message, at: start)
            return nil
        }
        return SpaceAssembly(drafts: drafts, reader: self, position: start).space()
    }

    /// A node in any spelling; `nil` when it is wrong, which has been reported.
    func read(_ node: FileNode, at place: SpacePlace) -> SpaceDraft? {
        remember(node.position, of: place)
        guard place.depth <= SearchSpace.maximumDepth else {
            return failed("nested more than \(SearchSpace.maximumDepth) levels deep", at: node.position, place)
        }
        switch node.content {
        case .scalar(let scalar): return read(scalar, position: node.position, at: place)
        case .list(let items):
            let options = readItems(items, at: place)
            guard options.count == items.count else { return broken(place) }
            if place.kind == .item { return SpaceDraft.list(options).folded }
            return parameter(
                .choice(ChoiceDraft(options: options, probabilities: nil)),
                label: nil,
                condition: nil,
                position: node.position,
                at: place
            )
        case .mapping(let entries): return readMapping(entries, position: node.position, at: place)
        }
    }

    /// Remembers where a piece stands. What is wrong with items of a list is found at the list.
    func remember(_ position: SourcePosition, of place: SpacePlace) {
        if place.kind != .item { positions[place.keyPath] = position }
    }

    /// A draft of a parameter with the next number.
    func parameter(
        _ domain: ParameterDraft.Domain,
        label: String?,
        condition: [ParameterDraft.Clause]?,
        position: SourcePosition,
        at place: SpacePlace
    ) -> SpaceDraft {
        count += 1
        return .parameter(
            ParameterDraft(
                number: count,
                label: label,
                key: place.key,
                path: place.path,
                position: position,
                domain: domain,
                condition: condition
            )
        )
    }

    func readItems(_ items: [FileNode], at place: SpacePlace) -> [SpaceDraft] {
        items.enumerated().compactMap { read($1, at: place.item($0)) }
    }

    func readStructure(_ entries: [FileEntry], at place: SpacePlace) -> SpaceDraft? {
        var nodes: [DraftEntry] = []
        for entry in entries where check(key: entry.key, at: entry.keyPosition) {
            if let node = read(entry.value, at: place.entry(entry.key)) {
                nodes.append(DraftEntry(key: entry.key, node: node))
            }
        }
        return nodes.count == entries.count ? SpaceDraft.mapping(nodes).folded : broken(place)
    }

    /// Reports a mistake and leaves the place out.
    func failed(
        _ message: String,
        at position: SourcePosition,
        _ place: SpacePlace,
        label: String? = nil
    ) -> SpaceDraft? {
        diagnostics.error(message, at: position)
        return broken(place, label: label)
    }

    /// Remembers a place that is left out.
    func broken(_ place: SpacePlace, label: String? = nil) -> SpaceDraft? {
        brokenNames.insert(place.path)
        if let key = place.key { brokenNames.insert(key) }
        if let label { brokenNames.insert(label) }
        return nil
    }

    /// Whether a key can name an argument; when not, it is reported.
    func check(key: String, at position: SourcePosition) -> Bool {
        if Self.canBeKey(key) { return true }
        diagnostics.error("the key \(shown(key)) cannot name a parameter; use \(Self.keyDescription)", at: position)
        brokenNames.insert(key)
        return false
    }

    /// Whether a key can name an argument.
    static func canBeKey(_ key: String) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool {
            byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || byte == UInt8(ascii: "_"))
        }
        let isOther = { (byte: UInt8) in "0123456789.-".utf8.contains(byte) }
        guard let first = key.utf8.first else { return false }
        return isLetter(first) && key.utf8.allSatisfy { isLetter($0) || isOther($0) }
    }

    private func read(_ scalar: FileScalar, position: SourcePosition, at place: SpacePlace) -> SpaceDraft? {
        switch StrictScalar(scalar) {
        case .text where place.kind == .root || Self.looksLikeCall(scalar.text):
            guard scalar.text.unicodeScalars.contains("(") else {
                let message =
                    "\(shown(scalar.text)) is no parameter; write an expression such as uniform(0, 1), a mapping with a type, "
                    + "or a list of values ({type: constant, value: …} for a constant)"
                return failed(message, at: position, place)
            }
            return readExpression(scalar, position: position, at: place)
        case .null where place.kind == .root:
            return failed("the parameter \(shown(place.path)) has no value", at: position, place)
        default:
            guard let value = value(of: scalar, at: position) else { return broken(place) }
            return .constant(value)
        }
    }

    /// The parameter of an expression text.
    private func readExpression(_ scalar: FileScalar, position: SourcePosition, at place: SpacePlace) -> SpaceDraft? {
        let places = ScalarPlaces(scalar, at: position)
        do throws(SpaceExpressionError) {
            let parsed = try SpaceExpressionParser.parse(scalar.text)
            guard case .call = parsed.expression else {
                let message = "this is no parameter; write an expression such as uniform(0, 1)"
                throw SpaceExpressionError(offset: parsed.offset, message: message)
            }
            return ExpressionReader(reader: self, places: places).draft(parsed, at: place)
        } catch {
            return failed(error.message, at: places[error.offset], place)
        }
    }

    /// Whether a text in an option is an expression and not a text: a call of a known name, or of anything after `hp.`.
    private static func looksLikeCall(_ text: String) -> Bool {
        guard let parenthesis = text.firstIndex(of: "(") else { return false }
        var name = text[..<parenthesis]
        while name.last == " " { name = name.dropLast() }
        if name.hasPrefix("hp.") || name.hasPrefix("hyperopt.hp.") { return true }
        return ParameterType.callable.contains { $0.rawValue == name }
    }
}
