import ExperimentModel

/// The reference for a terminal.
enum FileReferenceText {
    /// A table with its keys.
    static func section(_ table: KeyTable) -> [String] {
        var lines = [heading(table)]
        lines += table.keys.flatMap { key($0, name: table.full($0.name)) }
        if !table.later.isEmpty {
            lines.append("  not read by this version, and so errors:")
            lines += table.later.map { "      \($0.name): \(plain($0.meaning))" }
        }
        return lines
    }

    private static func heading(_ table: KeyTable) -> String {
        guard let name = table.name else { return "keys of the file" }
        guard let policy = PolicySpecification.Kind(rawValue: name) else { return name }
        return "\(name), a policy of early_termination: \(plain(policy.meaning))"
    }

    /// The policies, a line each.
    static var policies: [String] {
        PolicySpecification.Kind.allCases.map { "      \($0.rawValue): \(plain($0.meaning))" }
            + ["      their settings: hyperserver reference \(PolicySpecification.Kind.bandit.rawValue)"]
    }

    /// A key with what there is to know of it.
    static func key(_ key: FileKey, name: String) -> [String] {
        var lines = ["  \(name): \(plain(key.form.text))", "      \(plain(key.meaning))"]
        lines.append("      \(absence(key)); example: \(key.name): \(key.example)")
        if key.isLive { lines.append("      can be changed later: hyperserver set ID \(key.name)=\(key.example)") }
        return lines
    }

    private static func absence(_ key: FileKey) -> String {
        if case .mistake = key.absence { "required" } else { "default: \(plain(key.absence.text))" }
    }

    /// A type in its spellings.
    static func type(_ type: ParameterType) -> [String] { self.type(type, withSettings: false) }

    /// A type in its spellings, and what its settings mean.
    static func type(_ type: ParameterType, withSettings: Bool) -> [String] {
        let reference = type.reference
        var lines = ["  \(type.rawValue): \(plain(reference.values))"]
        lines += ([reference.mapping] + reference.expressions).map { "      \($0)" }
        guard withSettings else { return lines }
        return lines
            + type.settings.map { setting in
                let names = setting.names.joined(separator: ", ")
                return "      \(names): \(plain(setting.form)); \(plain(setting.meaning))"
            }
    }

    /// Without the marks of Markdown.
    private static func plain(_ text: String) -> String { text.replacing("`", with: "").replacing("**", with: "") }
}
