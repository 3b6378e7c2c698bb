import Foundation
import Testing

@Suite("Hostile parameter values")
struct HostileValueTests {
    private static let values: [(name: String, text: String)] = [
        ("semicolon", "; touch pwned"),
        ("quotes", #"a'b"c"#),
        ("substitution", "$(touch pwned)"),
        ("backquotes", "`touch pwned`"),
        ("newline", "one\ntouch pwned\n"),
        ("unicode", "πρώτα 🧪 \u{202e}"),
        ("dash", "-leading"),
        ("dashes", "--"),
        ("redirect", "> pwned"),
        ("pipe", "|touch pwned;&"),
        ("quoted_end", "'; touch pwned; '"),
        ("double_end", #""; touch pwned; ""#),
        ("backslash", #"\"#),
        ("glob", "* ? [a] ~ $HOME ${IFS} !!"),
        ("braces", "{dash} {{x}} ${{search_space.dash}}"),
        ("spaces", "  two  spaces  "),
        ("tab", "\t"),
        ("percent", "%s%n\\0"),
    ]

    private static let commands = [
        // A list: every placeholder is an argument of its own.
        "[sh, -c, 'printf \"%s\\0\" \"$@\" > \"values-$HYPER_EXPERIMENT_ID\"; echo loss=1', sh, PLAIN]",
        // A shell string: outside quotes, inside double quotes, inside single quotes, beside a substitution.
        #""printf '%s\\0' PLAIN > values-$HYPER_EXPERIMENT_ID; echo loss=1""#,
        #""printf '%s\\0' DOUBLE > values-$HYPER_EXPERIMENT_ID; echo loss=1""#,
        #""printf '%s\\0' SINGLE > values-$HYPER_EXPERIMENT_ID; echo loss=1""#,
        #""(printf '%s\\0' PLAIN) > values-$HYPER_EXPERIMENT_ID; echo $(echo loss=1; : PLAIN)""#,
    ]

    private static func file(_ command: String) throws -> String {
        let isList = command.hasPrefix("[")
        let plain = values.map { isList ? "'{\($0.name)}'" : "{\($0.name)}" }
        let text =
            command
            .replacing("PLAIN", with: plain.joined(separator: isList ? ", " : " "))
            .replacing("DOUBLE", with: values.map { "\\\"{\($0.name)}\\\"" }.joined(separator: " "))
            .replacing("SINGLE", with: values.map { "'{\($0.name)}'" }.joined(separator: " "))
        let space = try values.map { value in
            let json = String(decoding: try JSONEncoder().encode([value.text]), as: UTF8.self)
            return "  \(value.name): \(json)"
        }
        let lines =
            ["name: hostile", "command: \(text)", "search_space:"] + space
            + ["objective: {metric: loss, goal: minimize}", "limits: {max_trials: 1}"]
        return lines.joined(separator: "\n")
    }

    @Test("reach the trial byte by byte and run nothing, in lists and in every place of a shell string")
    func bytes() async throws {
        try await Sandbox.use { sandbox in
            let server = try await sandbox.service()
            _ = try sandbox.worker()
            for (index, command) in Self.commands.enumerated() {
                let id = try await sandbox.create(try sandbox.file("hostile.yaml", try Self.file(command)))
                try await server.waitForLine(containing: "is completed", occurrence: index + 1)

                let trial = try #require(try await sandbox.trials(id).first)
                #expect(trial.state == "done", "\(command): \(trial.attempts)")
                for value in Self.values { #expect(trial.params[value.name]?.string == value.text) }
                let written = try Data(contentsOf: URL(fileURLWithPath: sandbox.directory + "/values-\(id)"))
                let fields = Array(written).split(separator: 0, omittingEmptySubsequences: false).dropLast()
                try #require(fields.count == Self.values.count)
                for (field, value) in zip(fields, Self.values) {
                    let text = String(decoding: field, as: UTF8.self)
                    #expect(Array(field) == Array(value.text.utf8), "\(value.name) by \(command): \(text)")
                }
                #expect(!FileManager.default.fileExists(atPath: sandbox.directory + "/pwned"), "\(command)")
            }
        }
    }
}
