import ExperimentModel
import SearchSpace

/// The reference of the experiment file, from the tables that the reader uses.
public enum FileReference {
    /// A topic that the reference does not have.
    public struct NoSuchTopic: Error, Equatable, CustomStringConvertible {
        /// What was asked for.
        public let topic: String

        /// Tells the nearest topic.
        public var description: String {
            let advice = suggestionText(for: topic, among: FileReference.topics)
            return "the experiment file has no key or type \(shown(topic))\(advice); all of them: hyperserver reference"
        }
    }

    /// What can be asked for: sections, keys alone and with their section, types of parameters.
    public static let topics: [String] = {
        let tables = KeyTable.all.flatMap { table in
            [table.name].compactMap(\.self)
                + table.keys.flatMap { key in
                    [key.name] + (table.name.map { ["\($0).\(key.name)"] } ?? [])
                }
        }
        return tables + ParameterType.allCases.map(\.rawValue)
    }()

    /// The reference as lines for a terminal; of one topic, or all of it.
    /// - Throws: ``NoSuchTopic``.
    public static func lines(about topic: String? = nil) throws(NoSuchTopic) -> [String] {
        guard let topic else {
            var lines = KeyTable.all.flatMap { FileReferenceText.section($0) + [""] }
            lines += ["types of parameters in search_space"]
            lines += ParameterType.allCases.flatMap(FileReferenceText.type)
            return lines
        }
        var lines: [String] = []
        for table in KeyTable.all {
            if table.name == topic { lines += FileReferenceText.section(table) }
            for key in table.keys where key.name == topic || table.full(key.name) == topic {
                lines += FileReferenceText.key(key, name: table.full(key.name))
            }
            for key in table.later where key.name == topic {
                lines += ["  \(key.name): \(key.meaning); this version does not read it"]
            }
        }
        if topic == "early_termination" { lines += FileReferenceText.policies }
        if let type = ParameterType(rawValue: topic) { lines += FileReferenceText.type(type, withSettings: true) }
        guard !lines.isEmpty else { throw NoSuchTopic(topic: topic) }
        return lines
    }

    /// The page `docs/file-reference.md`.
    public static var markdown: String { FileReferencePage.text }
}

extension KeyTable {
    /// The name of a key with the section.
    func full(_ key: String) -> String { name.map { "\($0).\(key)" } ?? key }
}
