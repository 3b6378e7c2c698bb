import Foundation
import Glibc
import Testing

/// The help of every command, as it is at a width of 80 columns: Snapshots/help/PROGRAM-COMMAND.txt.
@Suite("help: what every command says of itself")
struct HelpTests {
    /// The part of `--experimental-dump-help` that names the commands.
    private struct Dump: Decodable {
        struct Command: Decodable {
            var commandName: String
            var subcommands: [Command]?
        }
        var command: Command
    }

    /// Commands by their words, such as `["hyperserver", "run"]`; found by asking, so that a new one needs no entry here.
    private static func commands(_ sandbox: Sandbox, of program: String) async throws -> [[String]] {
        let asked = try await sandbox.finish(
            try sandbox.start(command: [Sandbox.binaries + "/" + program, "--experimental-dump-help"])
        )
        let dump = try JSONDecoder().decode(Dump.self, from: Data(asked.output.utf8))
        func all(_ command: Dump.Command, below words: [String]) -> [[String]] {
            let own = words + [command.commandName]
            return [own]
                + (command.subcommands ?? []).filter { $0.commandName != "help" }.flatMap { all($0, below: own) }
        }
        return all(dump.command, below: [])
    }

    private static func help(_ sandbox: Sandbox, _ words: [String]) async throws -> String {
        let line = [Sandbox.binaries + "/" + words[0]] + words.dropFirst() + ["--help"]
        let program = try await sandbox.finish(try sandbox.start(command: line, environment: ["COLUMNS": "80"]))
        #expect(program.ending == .exited(0), "\(program.story)")
        return program.output
    }

    @Test("every command has the help that is kept, within 80 columns")
    func snapshots() async throws {
        try await Sandbox.use { sandbox in
            var names: Set<String> = []
            for program in ["hyperserver", "hyperworker"] {
                let commands = try await Self.commands(sandbox, of: program)
                #expect(commands.count > 1)
                for words in commands {
                    let name = words.joined(separator: "-")
                    names.insert(name)
                    let text = try await Self.help(sandbox, words)
                    // The parser does not wrap the line of usage.
                    let isWide = text.split(separator: "\n").contains { $0.count > 80 && !$0.hasPrefix("USAGE:") }
                    #expect(!isWide, "\(text)")
                    try Snapshot.expect(text, in: "help", name)
                }
            }
            try Snapshot.expectNoOthers(in: "help", than: names)
        }
    }

    /// The command lines below `EXAMPLES`; one that ends with a backslash goes on in the next line.
    private static func examples(in help: String) -> [String] {
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.firstIndex(of: "EXAMPLES") else { return [] }
        var examples: [String] = []
        var isContinued = false
        for line in lines[(start + 1)...].prefix(while: { $0.isEmpty || $0.hasPrefix("  ") }) {
            let isCommand = line.contains(/^\s+(HYPER_\S+\s)?hyper(server|worker)\s/)
            if isContinued {
                examples[examples.count - 1] += "\n" + line
            } else if isCommand {
                examples.append(line)
            }
            isContinued = (isContinued || isCommand) && line.hasSuffix("\\")
        }
        return examples
    }

    private static let file = """
        name: digits
        command: [sh, -c, "echo loss={lr}"]
        search_space: {lr: "uniform(0, 1)", batch: [16, 32, 64]}
        objective: {metric: loss, goal: minimize}
        limits: {max_trials: 3}
        """

    /// Commands that run until they are told to stop, and those that need another machine.
    private static func isService(_ example: String) -> Bool {
        example.contains(" start") || example.contains("hyperworker --") || example.contains(".example")
            || example.contains(" -f") || example.contains("watch") || example.contains("--follow")
    }

    @Test("the examples in the help run as they are printed")
    func examples() async throws {
        try await Sandbox.use { sandbox in
            try sandbox.file("experiment.yaml", Self.file)
            try sandbox.file("space.py", "{'lr': hp.uniform('lr', 0, 1)}")
            try sandbox.file("train.py", "print('loss=1')")
            // Keeps the store up, so that each command below finds it running.
            let service = try await sandbox.service()
            _ = try await sandbox.create("experiment.yaml")
            var count = 0
            for words in try await Self.commands(sandbox, of: "hyperserver") {
                for example in Self.examples(in: try await Self.help(sandbox, words)) where !Self.isService(example) {
                    let path = Sandbox.binaries + ":" + (sandbox.environment["PATH"] ?? "/usr/bin:/bin")
                    let program = try await sandbox.finish(
                        try sandbox.start(command: ["/bin/sh", "-c", example], environment: ["PATH": path])
                    )
                    // 1 is an honest answer of a store without such a trial.
                    #expect([.exited(0), .exited(1)].contains(program.ending), "\(example)\n\(program.story)")
                    count += 1
                }
            }
            #expect(count > 10)
            service.signal(SIGTERM)
            try await service.waitForExit()
        }
    }
}
