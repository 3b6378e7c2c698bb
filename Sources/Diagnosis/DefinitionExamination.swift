import Execution
public import ExperimentModel
import Foundation

/// The checks of an experiment file on this machine.
public struct DefinitionExamination: Sendable {
    /// What reading the file gave: the definition and warnings, or every mistake, each a line with its place.
    public enum Reading: Sendable {
        /// The file is valid.
        case valid(ExperimentDefinition, warnings: [String])
        /// The file is not valid, or cannot be read.
        case invalid([String])
    }

    private let file: String
    private let reading: Reading
    private let path: String?

    /// An examination that has not begun.
    /// - Parameter path: `PATH` of this program, which trials inherit unless the file sets another.
    public init(file: String, reading: Reading, path: String?) {
        self.file = file
        self.reading = reading
        self.path = path
    }

    /// The checks, in the order of the report.
    public var checks: [Check] {
        let (file, reading, path) = (file, reading, path)
        return [
            .blocking(.file, "file", levelWhenLate: .fail) {
                switch reading {
                case .invalid(let mistakes):
                    let more = mistakes.count > 1 ? " (and \(mistakes.count - 1) more)" : ""
                    let detail = (mistakes.first ?? "\(file) cannot be read") + more
                    let remedy = "hyperserver validate \(ForeignText.shellWord(file))"
                    return [Finding(.file, "valid", .fail, detail, remedy: remedy)]
                case .valid(let definition, let warnings):
                    return [
                        Self.valid(file, warnings), Self.directory(definition), Self.program(definition, path: path),
                    ]
                }
            }
        ]
    }

    private static func valid(_ file: String, _ warnings: [String]) -> Finding {
        guard let first = warnings.first else { return Finding(.file, "valid", .ok, "\(file) is a valid experiment") }
        let more = warnings.count > 1 ? " (and \(warnings.count - 1) more)" : ""
        let remedy = "hyperserver validate \(ForeignText.shellWord(file))"
        return Finding(.file, "valid", .warn, first + more, remedy: remedy)
    }

    private static func directory(_ definition: ExperimentDefinition) -> Finding {
        if definition.workspace != nil {
            return Finding(.file, "working_directory", .skip, "trials run in a copy of the workspace")
        }
        let path = definition.workingDirectory
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            return Finding(.file, "working_directory", .ok, "\(path) is there")
        }
        let remedy = "mkdir -p \(ForeignText.shellWord(path)) on every worker, or set working_directory:"
        return Finding(.file, "working_directory", .fail, "\(path) is not a directory on this machine", remedy: remedy)
    }

    private static func program(_ definition: ExperimentDefinition, path: String?) -> Finding {
        if definition.container != nil {
            return Finding(.file, "command", .skip, "the command is looked for in the container")
        }
        guard let name = program(of: definition.command) else {
            return Finding(.file, "command", .skip, "which program the command runs is known only when it runs")
        }
        let searched = definition.environment["PATH"] ?? path
        do throws(LookupFailure) {
            let found = try ExecutableLookup.find(
                name,
                path: searched,
                in: definition.workspace == nil ? definition.workingDirectory : "/"
            )
            return Finding(.file, "command", .ok, "\(name) is \(found)")
        } catch {
            let remedy = "install it, correct command:, or put its directory on PATH of the workers"
            let detail: String
            switch error {
            case .notFound: detail = "\(name) is not found on this machine"
            case .notExecutable(let path): detail = "\(path) is not executable (chmod +x, or name its interpreter)"
            case .isDirectory(let path): detail = "\(path) is a directory, not a program"
            }
            return Finding(.file, "command", .fail, detail, remedy: remedy)
        }
    }

    /// Words that a shell does itself.
    private static let shellWords: Set<String> = [
        ".", ":", "[", "alias", "bg", "break", "case", "cd", "command", "continue", "do", "done", "echo", "eval",
        "exec",
        "exit", "export", "false", "fg", "for", "function", "if", "local", "printf", "pwd", "read", "readonly",
        "return",
        "set", "shift", "test", "then", "time", "times", "trap", "true", "type", "ulimit", "umask", "unset", "until",
        "wait", "while",
    ]

    /// The program that a command begins with; `nil` when it depends on a parameter or on what a shell makes of it.
    static func program(of command: Command) -> String? {
        switch command {
        case .arguments(let words):
            guard let first = words.first, !first.contains("{") else { return nil }
            return first
        case .shell(let text):
            guard let word = text.split(whereSeparator: \.isWhitespace).first.map(String.init) else { return nil }
            let isPlain = word.allSatisfy { $0.isLetter || $0.isNumber || "/._+-".contains($0) }
            return isPlain && !shellWords.contains(word) ? word : nil
        }
    }
}
