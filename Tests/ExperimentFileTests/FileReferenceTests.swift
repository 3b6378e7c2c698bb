import ExperimentModel
import Foundation
import SearchSpace
import Testing

@testable import ExperimentFile

@Suite("The reference of the experiment file")
struct FileReferenceTests {
    /// A whole file around the entries of one table, of which one is replaced or added.
    private static func file(_ table: KeyTable, _ key: String, _ value: String) -> String {
        var entries = table.frame.filter {
            $0.key != key && !(table.oneOf.contains(key) && table.oneOf.contains($0.key))
        }
        // They belong to a repository.
        if table.name == KeyTable.workspace.name, key == "ref" || key == "subdirectory" {
            entries = [("git", "https://git.example/lab.git")]
        }
        entries.append((key, value))
        return file(table, entries) + (key == "dockerfile" ? "workspace: .\n" : "")
    }

    /// A whole file around the entries of one table.
    private static func file(_ table: KeyTable, _ entries: [(key: String, value: String)]) -> String {
        guard let name = table.name else { return lines(entries) }
        let mapping = "{" + entries.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        switch name {
        case KeyTable.input.name: return lines(KeyTable.file.frame + [("inputs", "{NAME: \(mapping)}")])
        case KeyTable.mount.name:
            return lines(KeyTable.file.frame + [("environment", "{image: python, mounts: [\(mapping)]}")])
        case _ where table.isPolicy: return lines(KeyTable.file.frame + [("early_termination", mapping)])
        default: return lines(KeyTable.file.frame.filter { $0.key != name } + [(name, mapping)])
        }
    }

    /// Sections whose presence alone means something.
    private static let meaningful = [KeyTable.environment, .mount, .workspace, .artifacts].compactMap(\.name)

    private static func lines(_ entries: [(key: String, value: String)]) -> String {
        entries.map { "\($0.key): \($0.value)\n" }.joined()
    }

    private static let places = KeyTable.all.flatMap { table in table.keys.map { (table, $0) } }

    @Test("the page in docs is what the tables say; scripts/reference writes it")
    func page() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/file-reference.md"), encoding: .utf8)
        #expect(page == FileReference.markdown)
    }

    @Test("every example of a key is read without a word")
    func examples() {
        for (table, key) in Self.places {
            let text = Self.file(table, key.name, key.example)
            #expect(Reading.messages(text).isEmpty, "\(text)")
        }
    }

    @Test("a default that is written out changes nothing")
    func defaults() throws {
        for (table, key) in Self.places {
            guard case .value(let value) = key.absence else { continue }
            let without = lines(of: table, without: key.name)
            let with = Self.file(table, key.name, value)
            let left = ExperimentFile.json(of: try Reading.definition(with))
            #expect(left == ExperimentFile.json(of: try Reading.definition(without)), "\(key.name)")
        }
    }

    private func lines(of table: KeyTable, without key: String) -> String {
        #expect(!table.frame.contains { $0.key == key })
        guard table.isPolicy || Self.meaningful.contains(table.name ?? "") else {
            return Self.lines(KeyTable.file.frame)
        }
        return Self.file(table, table.frame)
    }

    @Test("a key without which a file is wrong is missed, and no other one")
    func required() {
        for (table, key) in Self.places {
            let name = table.full(key.name)
            guard case .mistake = key.absence else { continue }
            let messages = Reading.messages(Self.file(table, table.frame.filter { $0.key != key.name }))
            #expect(messages.contains { $0.contains("error: \(name) is missing") }, "\(name): \(messages)")
        }
    }

    @Test("whole numbers are read up to their bounds and no further, words as they are listed")
    func forms() {
        for (table, key) in Self.places {
            func messages(_ value: String) -> [String] { Reading.messages(Self.file(table, key.name, value)) }
            switch key.form {
            case .wholeNumber(let range):
                #expect(messages("\(range.lowerBound)").isEmpty && messages("\(range.upperBound)").isEmpty)
                #expect(messages("\(range.lowerBound - 1)").count == 1, "\(key.name)")
                #expect(messages("\(range.upperBound + 1)").count == 1, "\(key.name)")
            case .words(let words):
                for word in words where word != "grid" { #expect(messages(word).isEmpty, "\(key.name): \(word)") }
                #expect(messages("nonsense").count == 1, "\(key.name)")
            case .truth: #expect(messages("true").isEmpty && messages("false").isEmpty && messages("1").count == 1)
            case .duration: #expect(messages("1h30m").isEmpty && messages("0").count == 1)
            case .number: #expect(messages("-1e3").isEmpty && messages("many").count == 1)
            case .text, .other: break
            }
        }
    }

    @Test("the keys of the format that are not read say so")
    func later() {
        for key in KeyTable.file.later {
            let messages = Reading.messages(Self.file(.file, key.name, "x"))
            #expect(messages == ["search.yaml:5:1: error: \"\(key.name)\" is not supported by this version; remove it"])
        }
    }

    @Test("what set changes is what the reference marks")
    func live() throws {
        for key in KeyTable.live {
            let edit = try LimitsEdit(["\(key.name)=\(key.example)"])
            let limits = try edit.applied(to: Limits(maxTrials: 1))
            #expect(limits != Limits(maxTrials: 1), "\(key.name)")
        }
        for (_, key) in Self.places where !key.isLive {
            #expect(throws: ExperimentFileErrors.self) { try LimitsEdit(["\(key.name)=\(key.example)"]) }
        }
    }

    /// A space with the parameter `x`, and another one, since constants alone are no space.
    private static func space(_ yaml: String) throws -> SearchSpace { try Reading.definition(text(yaml)).searchSpace }

    private static func text(_ yaml: String) -> String {
        Reading.frame + "search_space:\n  other: [1, 2]\n  x: \(yaml)\n"
    }

    @Test("the spellings of a type mean the same", arguments: ParameterType.allCases)
    func spellings(type: ParameterType) throws {
        let reference = type.reference
        let space = try Self.space(reference.mapping)
        #expect(Reading.messages(Self.text(reference.mapping)).isEmpty)
        for expression in reference.expressions {
            #expect(Reading.messages(Self.text(expression)).isEmpty, "\(expression)")
            #expect(try Self.space(expression).normalised == space.normalised, "\(expression)")
        }
    }

    @Test("names of a setting in one row mean the same", arguments: ParameterType.allCases)
    func aliases(type: ParameterType) throws {
        let mapping = type.reference.mapping
        let space = try Self.space(mapping)
        for setting in type.settings {
            guard let written = setting.names.first(where: { mapping.contains("\($0): ") }) else { continue }
            for name in setting.names {
                let other = mapping.replacing(" \(written): ", with: " \(name): ")
                #expect(try Self.space(other).normalised == space.normalised, "\(other)")
            }
        }
    }

    @Test("finite is what a grid takes", arguments: ParameterType.allCases)
    func finiteness(type: ParameterType) throws {
        let cardinality = try Self.space(type.reference.mapping).cardinality
        let isFinite = if case .infinite = cardinality { false } else { true }
        switch type.reference.isFinite {
        case .yes: #expect(isFinite)
        case .no, .withStep: #expect(!isFinite)
        case .ifOptionsAre: break
        }
    }

    @Test("a topic is found by its key, its section or its type, and a misspelt one is told")
    func topics() throws {
        #expect(try FileReference.lines(about: "limits").count > 5)
        #expect(try FileReference.lines(about: "limits.max_trials").first?.hasPrefix("  limits.max_trials: ") == true)
        #expect(try FileReference.lines(about: "max_trials") == FileReference.lines(about: "limits.max_trials"))
        #expect(try FileReference.lines(about: "loguniform").contains { $0.contains("low, min, min_value") })
        #expect(try FileReference.lines(about: "warm_start").count == 1)
        let error = #expect(throws: FileReference.NoSuchTopic.self) {
            try FileReference.lines(about: "max_trails")
        }
        #expect(error?.description.contains("did you mean \"max_trials\"?") == true)
        let everything = try FileReference.lines()
        #expect(!everything.contains { $0.contains("`") })
        for topic in FileReference.topics { _ = try FileReference.lines(about: topic) }
    }
}
