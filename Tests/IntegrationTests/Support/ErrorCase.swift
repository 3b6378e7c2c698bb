import Foundation
import Testing

/// A command line that is wrong, or meets something that is, and whose message is kept in `Snapshots/errors/NAME.txt`.
struct ErrorCase: Sendable {
    /// Name of the snapshot.
    var name: String
    /// Program and arguments; `{data}`, `{port}` and the like stand for what the sandbox has.
    var line: [String]
    var environment: [String: String] = [:]
    /// Files that are there.
    var files: [String: String] = [:]

    init(_ name: String, _ line: String..., environment: [String: String] = [:], files: [String: String] = [:]) {
        self.name = name
        self.line = line
        self.environment = environment
        self.files = files
    }

    /// A file that `validate` refuses, or warns about.
    static func file(_ name: String, _ text: String) -> ErrorCase {
        ErrorCase("file-\(name)", "hyperserver", "validate", "bad.yaml", files: ["bad.yaml": text])
    }
}

extension Sandbox {
    /// Runs a case and compares what it says: the command, how it ended, then what it printed on standard error.
    /// - Parameter values: what stands for `{name}` in the command line.
    func check(_ error: ErrorCase, values: [String: String] = [:]) async throws {
        for (name, text) in error.files { try file(name, text) }
        let line = error.line.map { word in
            values.reduce(word) { $0.replacing("{\($1.key)}", with: $1.value) }
        }
        let program = try await finish(
            try start(command: [Self.binaries + "/" + line[0]] + line.dropFirst(), environment: error.environment)
        )
        let ending = program.ending.map { "\($0)" } ?? "still running"
        let variables = error.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value) " }.joined()
        let shown = variables + error.line.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
        let text = "$ \(shown)\n\(program.errors)[\(ending)]\n"
        try Snapshot.expect(steady(text), in: "errors", error.name)
    }

    /// The text without what differs from run to run and from machine to machine.
    func steady(_ text: String) -> String {
        var result = text.replacing(directory, with: "$DIRECTORY").replacing(Self.binaries, with: "$BIN")
        result = result.replacing(ProcessInfo.processInfo.hostName, with: "$HOST")
        for (pattern, replacement) in Self.volatile { result = result.replacing(pattern, with: replacement) }
        // libmongoc says this before anybody can stop it, on a machine whose shared memory is full.
        let lines = result.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.filter { !$0.contains("Falling back to malloc for counters") }.joined(separator: "\n")
    }

    private static var volatile: [(Regex<Substring>, String)] {
        [
            (/\bes[0-9a-z]{7}\b/, "$ID"),
            (/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/, "$TIME"),
            (/127\.0\.0\.1:\d+/, "127.0.0.1:$PORT"),
            (/localhost:\d+/, "localhost:$PORT"),
            (/pid \d+/, "pid $PID"),
        ]
    }
}
