import ExperimentModel
import SearchSpace

/// Reads the entries of one mapping of the file: every key is either known, known to be missing in this version, or wrong.
struct SectionReader {
    /// What the mapping is called in messages, such as `limits`; `nil` for the file itself.
    let name: String?
    /// The keys that it may have.
    let table: KeyTable
    let position: SourcePosition
    let diagnostics: DiagnosticCollector
    private let entries: [String: FileEntry]

    /// - Parameter name: what the mapping is called in messages, if not as the table is.
    init(
        _ entries: [FileEntry],
        _ table: KeyTable,
        name: String? = nil,
        position: SourcePosition,
        diagnostics: DiagnosticCollector
    ) {
        self.name = name ?? table.name
        self.table = table
        self.position = position
        self.diagnostics = diagnostics
        self.entries = Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let (known, later) = (table.names, table.laterNames)
        for entry in entries where !known.contains(entry.key) {
            let place = self.name.map { " in \($0)" } ?? ""
            if later.contains(entry.key) {
                let message = "\(shown(entry.key))\(place) is not supported by this version; remove it"
                diagnostics.error(message, at: entry.keyPosition)
            } else {
                let advice = Self.advice(on: entry.key, in: table)
                diagnostics.error("unknown key \(shown(entry.key))\(place)\(advice)", at: entry.keyPosition)
            }
        }
    }

    /// What an unknown key was probably meant to be: one of this mapping, misspelt, or one of another, misplaced.
    private static func advice(on key: String, in table: KeyTable) -> String {
        let misspelt = suggestionText(for: key, among: table.names + table.laterNames)
        guard misspelt.isEmpty else { return misspelt }
        // The others describe things that a file may have many of, or whose names mean little elsewhere.
        let homes: [KeyTable] = [.file, .objective, .limits, .sampler, .retries, .environment, .workspace]
        guard let (home, found) = homes.lazy.compactMap({ home in home[key].map { (home, $0) } }).first,
            home.name != table.name, key != "type"
        else { return Self.policyAdvice(on: key, in: table) }
        guard let name = home.name else { return "; it belongs to the top level of the file" }
        return "; it belongs to \(name), as in \(name): {\(found.name): \(found.example)}"
    }

    /// Where the setting of a policy belongs.
    private static func policyAdvice(on key: String, in table: KeyTable) -> String {
        if table.name == PolicySpecification.Kind.asha.rawValue, key == "evaluation_interval" {
            return "; it is applied at its rungs, which follow from min_resource and reduction_factor"
        }
        guard key != PolicyReader.typeKey,
            let found = KeyTable.policies.first(where: { $0[key] != nil && $0.name != table.name }),
            let name = found.name
        else { return "" }
        guard !table.isPolicy else { return "; it is a setting of \(name)" }
        return "; it belongs to early_termination, as in early_termination: {type: \(name), \(key): …}"
    }

    /// The value of a key, if it is there.
    func node(_ key: String) -> FileNode? { entries[key]?.value }

    /// The value of a key that must be there; its absence is reported.
    func required(_ key: String, _ advice: String) -> FileNode? {
        if let node = node(key) { return node }
        diagnostics.error("\(full(key)) is missing; \(advice)", at: position)
        return nil
    }

    /// The entries of a mapping below this one; `nil` when it is absent or wrong.
    func mapping(_ key: String) -> (entries: [FileEntry], position: SourcePosition)? {
        guard let node = node(key) else { return nil }
        guard case .mapping(let entries) = node.content else {
            let example = table[key].map { "; write \($0.name): \($0.example)" } ?? ""
            diagnostics.error("\(full(key)) must be a mapping, not \(node.kind)\(example)", at: node.position)
            return nil
        }
        return (entries, node.position)
    }

    /// A text, numbers and truth values as they are written; `nil` when it is absent or wrong.
    func text(_ key: String) -> String? {
        node(key).flatMap { text(of: $0, key) }
    }

    /// The text of a node; `nil` and a report when it is none.
    func text(of node: FileNode, _ key: String) -> String? {
        guard let scalar = node.scalar, StrictScalar(scalar) != .null else {
            diagnostics.error("\(full(key)) must be a text, not \(node.kind)", at: node.position)
            return nil
        }
        guard !scalar.text.utf8.contains(0) else {
            diagnostics.error("\(full(key)) contains a NUL character, which cannot be passed on", at: node.position)
            return nil
        }
        return scalar.text
    }

    /// A whole number between the bounds of its key; `nil` when it is absent or wrong.
    func wholeNumber(_ key: String) -> Int? {
        guard let node = node(key) else { return nil }
        let range = table.range(of: key)
        if let scalar = node.scalar, case .integer(let number) = StrictScalar(scalar),
            let number = Int(exactly: number),
            range.contains(number)
        {
            return number
        }
        let message =
            "\(full(key)) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(node.kind)"
            + hint(for: node)
        diagnostics.error(message, at: node.position)
        return nil
    }

    /// A truth value; `nil` when it is absent or wrong.
    func truth(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        if let scalar = node.scalar, case .bool(let value) = StrictScalar(scalar) { return value }
        diagnostics.error("\(full(key)) must be true or false, not \(node.kind)\(hint(for: node))", at: node.position)
        return nil
    }

    /// A finite number; `nil` when it is absent or wrong.
    func number(_ key: String) -> Double? {
        guard let node = node(key) else { return nil }
        switch node.scalar.map(StrictScalar.init) {
        case .integer(let whole): return Double(whole)
        case .double(let number): return number
        default:
            let message = "\(full(key)) must be a finite number, not \(node.kind)\(hint(for: node))"
            diagnostics.error(message, at: node.position)
            return nil
        }
    }

    /// `; write …` for a text that looks like a value of another language, or nothing.
    func hint(for node: FileNode) -> String {
        node.scalar.flatMap { $0.isPlain ? StrictScalar.hint(for: $0.text) : nil }.map { "; \($0)" } ?? ""
    }

    /// A duration in seconds, above 0 unless 0 has a meaning; `nil` when it is absent or wrong.
    func seconds(_ key: String, orZero: Bool = false) -> Double? {
        guard let node = node(key) else { return nil }
        if let scalar = node.scalar, let seconds = DurationText.seconds(scalar.text),
            seconds > 0 || orZero && seconds == 0,
            seconds <= DurationText.maximumSeconds
        {
            return seconds
        }
        let least = orZero ? "0, or a duration" : "a duration above 0 and"
        let message =
            "\(full(key)) must be \(least) up to ten years, such as 90s, 30m or 1h30m, not \(node.kind)"
        diagnostics.error(message, at: node.position)
        return nil
    }

    /// Entries of names and texts; a value that is left empty is an empty text.
    func texts(_ entries: [FileEntry], _ key: String) -> [String: String] {
        var texts: [String: String] = [:]
        for entry in entries {
            if let scalar = entry.value.scalar, scalar.text.isEmpty {
                texts[entry.key] = ""
            } else {
                texts[entry.key] = text(of: entry.value, "\(key).\(entry.key)")
            }
        }
        return texts
    }

    /// The name of a key with the section, for messages.
    func full(_ key: String) -> String { name.map { "\($0).\(key)" } ?? key }
}
