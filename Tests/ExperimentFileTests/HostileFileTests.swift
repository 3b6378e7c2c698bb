import ExperimentFile
import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Hostile experiment files")
struct HostileFileTests {
    @Test("syntax errors have their place")
    func syntax() {
        #expect(
            Reading.messages("name: [a\ncommand: b\n").first?.hasPrefix(
                "search.yaml:2:8: error: this is no valid YAML: "
            ) == true
        )
        #expect(
            Reading.messages("a: b: c\n").first?.hasPrefix("search.yaml:1:5: error: this is no valid YAML: ") == true
        )
        #expect(Reading.messages("a: 1\n--- \nb: 2\n").first?.hasPrefix("search.yaml:2:1: error: ") == true)
        #expect(Reading.messages("a: \"\\q\"\n").first?.hasPrefix("search.yaml:1:") == true)
        #expect(
            Reading.messages("a: \u{1}\n").first?.hasPrefix("search.yaml:1:4: error: this is no valid YAML: ") == true
        )
    }

    @Test("an empty file and one that is no mapping", arguments: ["", "# nothing\n", "[1]", "text", "~"])
    func noMapping(text: String) {
        #expect(Reading.messages(text).count == 1)
    }

    @Test(
        "keys that are there twice",
        arguments: [
            ("name: a\nname: b\n", "1:1"), ("limits: {max_trials: 1, max_trials: 2}\n", "1:10"),
            ("env:\n  1: a\n  '1': b\n", "3:3"),
        ]
    )
    func duplicates(text: String, place: String) {
        let messages = Reading.messages(text)
        #expect(messages.count == 1)
        #expect(messages.first?.contains("there twice in this mapping") == true)
        #expect(messages.first?.hasPrefix("search.yaml:\(place.prefix(2))") == true)
    }

    @Test(
        "anchors, aliases, merge keys, tags and keys that are no names",
        arguments: [
            ("name: &a x\ncommand: *a\n", "search.yaml:1:7: error: anchors and aliases are not supported"),
            ("name: *a\n", "search.yaml:1:7: error: anchors and aliases are not supported"),
            ("env: {<<: {A: b}}\n", "search.yaml:1:7: error: merge keys are not supported"),
            ("name: !!str 1\n", "search.yaml:1:7: error: tags are not supported"),
            ("name: !!int '1'\n", "search.yaml:1:7: error: tags are not supported"),
            ("env: !x {}\n", "search.yaml:1:6: error: tags are not supported"),
            ("? [a, b]\n: 1\n", "search.yaml:1:3: error: a key must be a plain name"),
        ]
    )
    func refused(text: String, message: String) {
        #expect(Reading.messages(text).first?.hasPrefix(message) == true, "\(Reading.messages(text))")
    }

    @Test("aliases of aliases are refused before they grow")
    func laughs() {
        var text = "a0: &a0 [x, x, x]\n"
        for level in 1...40 { text += "? &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]\n: 1\n" }
        #expect(Reading.messages(text).count == 1)
        #expect(Reading.messages(text).first?.contains("anchors and aliases") == true)
    }

    @Test("a shell command may use & and * words")
    func shellWords() throws {
        let definition = try Reading.definition(
            "command: 'train &log *log *.py > a&b'\nsearch_space: {x: [1]}\nobjective: {metric: l, goal: minimize}\nlimits: {max_trials: 1}\n"
        )
        #expect(definition.command == .shell("train &log *log *.py > a&b"))
    }

    @Test(
        "nesting ends at its limit",
        arguments: [
            HostileText("open lists", "[", times: 100_000), HostileText("open mappings", "{a: ", times: 50_000),
            HostileText("block lists", "- ", times: 900, then: "x"),
            HostileText("many block lists", "- ", times: 200_000, then: "x"),
            HostileText("keys that are mappings", "? ", times: 900, then: "x"),
            HostileText("lists below the limit", "[", times: 60),
            HostileText(
                "a value",
                after: "search_space: {x: ",
                "[",
                times: 50,
                then: String(repeating: "]", count: 50) + "}"
            ),
            HostileText("calls", after: "search_space: {x: '", "choice([", times: 50, then: "'}"),
            HostileText("lists in an expression", after: "search_space: {x: '", "[", times: 60, then: "'}"),
            HostileText(
                "mappings in an expression",
                after: "search_space: {x: 'choice(",
                "[{\"a\":",
                times: 30,
                then: "'}"
            ),
        ]
    )
    func nesting(hostile: HostileText) {
        let messages = Reading.messages(hostile.text)
        #expect(!messages.isEmpty)
        #expect(messages.allSatisfy { $0.hasPrefix("search.yaml:") && $0.utf8.count < 1000 })
    }

    @Test("a file larger than the limit is refused, one of the limit is read")
    func size() throws {
        let good = Reading.frame + "search_space: {x: [1, 2]}\n# "
        let padding = String(repeating: "é", count: (ExperimentFile.maximumBytes - good.utf8.count) / 2)
        _ = try Reading.definition(good + padding)
        #expect(
            Reading.messages(good + padding + "éé").first?.hasPrefix("search.yaml:1:1: error: the file is larger than")
                == true
        )
    }

    @Test(
        "long lines and long words are refused in one line of message",
        arguments: [
            HostileText("a parameter", after: "search_space: {x: ", "a", times: 1_000_000, then: "}"),
            HostileText("an option", after: "search_space: {x: ['[[[[[[[[", "a", times: 900_000, then: "']}"),
            HostileText("a key", "k", times: 500_000, then: ": 1"),
            HostileText("a bound", after: "search_space: {x: uniform(", "1", times: 900_000, then: ", 2)}"),
            HostileText("arguments", after: "search_space: {x: 'choice(", "1,", times: 100_000, then: "$)'}"),
            HostileText("equal options", after: "search_space: {x: [", "1,", times: 100_000, then: "$]}"),
            HostileText("a limit", after: "limits: {max_trials: ", "9", times: 900_000, then: "}"),
            HostileText(
                "a label",
                after: "search_space: {x: {type: uniform, low: 1, high: 0, label: ",
                "9",
                times: 900_000,
                then: "}}"
            ),
            HostileText("nothing", after: "search_space: ", " ", times: 900_000, then: "}"),
            HostileText("comments", "#[\n", times: 50),
        ]
    )
    func longLines(hostile: HostileText) {
        let messages = Reading.messages(hostile.text)
        #expect(!messages.isEmpty)
        #expect(messages.allSatisfy { $0.utf8.count < 2000 && !$0.contains("\n") })
    }

    @Test("many mistakes end at a limit")
    func manyMistakes() {
        let text = (0..<5000).map { "key\($0): 1\n" }.joined()
        #expect(Reading.messages(text).count == 200)
    }

    @Test("text of other languages is kept, and columns count its characters")
    func unicode() throws {
        let space = try Reading.parameter("['日本', \"\\u00e9\", 😀, 'e\u{301}']")
        #expect(space.parameters.count == 1)
        #expect(Reading.messages(parameter: "['日本😀', 012]").first?.hasPrefix("5:14: warning: ") == true)
    }

    @Test("lines may end in CR LF, and a byte-order mark is skipped")
    func lineEnds() throws {
        let text = "\u{feff}" + (Reading.frame + "search_space:\n  x: uniform(0, 1)\n").replacing("\n", with: "\r\n")
        #expect(try Reading.definition(text).searchSpace.parameters.count == 1)
        let wrong = (Reading.frame + "search_space:\n  x: uniform(0, y)\n").replacing("\n", with: "\r\n")
        #expect(Reading.messages(wrong).first?.hasPrefix("search.yaml:5:17: error: ") == true)
    }

    @Test("bytes that are no UTF-8, or hold a NUL, are refused with their place")
    func bytes() {
        func message(_ bytes: [UInt8]) -> String? {
            do throws(ExperimentFileErrors) {
                _ = try ExperimentFile.read(bytes: bytes, fileName: "f", directory: "/", defaultSeed: 0)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(
            message(Array("a: é\nb: ".utf8) + [0xff, 0x0a])
                == "f:2:4: error: the file is not UTF-8 text; save it as UTF-8"
        )
        #expect(message(Array("a: b\nc: \0\n".utf8))?.hasPrefix("f:2:4: error: this is no valid YAML: ") == true)
        #expect(message(Array("search_space: {x: [\"a\\0\"]}".utf8))?.contains("NUL") == true)
    }
}

/// A long text with a short name, so that a failing test does not print it.
struct HostileText: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String

    init(_ name: String, after start: String = "", _ piece: String, times: Int, then end: String = "") {
        testDescription = name
        text = start + String(repeating: piece, count: times) + end
    }
}
