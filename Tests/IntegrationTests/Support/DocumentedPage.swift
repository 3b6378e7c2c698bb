import Foundation

/// A page of the documents as a sequence of what a reader does: write files, run commands, look at what they print.
///
/// CONTRIBUTING.md describes the marks; they stand in HTML comments on the lines before a fence.
struct DocumentedPage {
    /// A command as it is printed.
    struct Command {
        var text: String
        /// Line of the page, from 1.
        var line: Int
        /// What is shown below it; `nil` where nothing is.
        var output: [String]?
        var exitStatus: Int32 = 0
        /// Whether it may install packages and the like.
        var takesLong = false

        /// Programs that stay: they run in the background until the page ends.
        var stays: Bool {
            let isWorker = text.contains(/(^|\s)hyperworker\s/) && !text.contains("--exit-when-idle")
            return isWorker && !text.contains("hyperworker report") || text.contains(/(^|\s)hyperserver start\b/)
        }
    }

    enum Step {
        case write(name: String, text: String, line: Int)
        case run(Command)
        /// A block that stays out, with its reason.
        case leave(commands: Int, reason: String, line: Int)
        /// A whole experiment file that is only shown.
        case validate(text: String, line: Int)
    }

    var name: String
    var steps: [Step] = []
    /// What breaks the rules for pages, each with its line.
    var problems: [String] = []

    private struct Marks {
        var file: String?
        var reason: String?
        var isOnlyForFull = false
        var exitStatus: Int32 = 0
    }

    /// - Parameter isFull: whether blocks are run that take long or need the network.
    init(name: String, text: String, isFull: Bool) {
        self.name = name
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var marks = Marks()
        var index = 0
        while index < lines.count {
            let line = lines[index]
            index += 1
            if line.hasPrefix("```") {
                let language = String(line.dropFirst(3))
                let start = index
                while index < lines.count, lines[index] != "```" { index += 1 }
                guard index < lines.count else {
                    problems.append("\(name):\(start): this block has no end")
                    break
                }
                add(language, Array(lines[start..<index]), at: start + 1, marks, isFull: isFull)
                index += 1
                marks = Marks()
            } else if line.hasPrefix("<!-- ") {
                read(line, into: &marks, at: index)
            } else {
                marks = Marks()
                // Blocks without a fence would not be run.
                if line.hasPrefix("    "), Self.looksLikeCommand(line) {
                    problems.append("\(name):\(index): a command outside a fence; write ```sh or ```console")
                }
            }
        }
    }

    private static func looksLikeCommand(_ line: String) -> Bool {
        line.contains(/^ *(\$ |hyperserver [a-z-]|hyperworker -|scripts\/|\.build\/)/)
    }

    private mutating func read(_ line: String, into marks: inout Marks, at number: Int) {
        if let match = line.wholeMatch(of: /<!-- file: ([\w.\/-]+) -->/) {
            marks.file = String(match.1)
        } else if let match = line.wholeMatch(of: /<!-- not run: (.+) -->/) {
            marks.reason = String(match.1)
        } else if let match = line.wholeMatch(of: /<!-- run with --full: (.+) -->/) {
            marks.reason = String(match.1)
            marks.isOnlyForFull = true
        } else if let match = line.wholeMatch(of: /<!-- exit (\d+) -->/) {
            marks.exitStatus = Int32(match.1) ?? 0
        } else if line.contains(/^<!-- (file|not run|run|exit)/) {
            problems.append("\(name):\(number): this mark is not understood: \(line)")
        }
    }

    private mutating func add(_ language: String, _ lines: [String], at number: Int, _ marks: Marks, isFull: Bool) {
        if let file = marks.file {
            steps.append(.write(name: file, text: lines.joined(separator: "\n") + "\n", line: number))
            return
        }
        var commands: [Command]
        switch language {
        case "sh": commands = Self.script(lines, at: number)
        case "console": commands = Self.console(lines, at: number)
        case "yaml":
            let isWhole = lines.contains { $0.hasPrefix("command:") }
            if isWhole { steps.append(.validate(text: lines.joined(separator: "\n") + "\n", line: number)) }
            return
        default:
            // Pictures and output may be without a language, but no command goes past us.
            for (index, line) in lines.enumerated() where language.isEmpty && Self.looksLikeCommand(line) {
                problems.append(
                    "\(name):\(number + index): a command in a block that is not run; write ```sh or ```console"
                )
            }
            return
        }
        if let reason = marks.reason, !(marks.isOnlyForFull && isFull) {
            steps.append(.leave(commands: commands.count, reason: reason, line: number))
            return
        }
        if isFull, marks.isOnlyForFull { commands.indices.forEach { commands[$0].takesLong = true } }
        if marks.exitStatus != 0, let last = commands.indices.last { commands[last].exitStatus = marks.exitStatus }
        steps += commands.map { .run($0) }
    }

    /// One command a line; a backslash at the end goes on with the next.
    private static func script(_ lines: [String], at number: Int) -> [Command] {
        var commands: [Command] = []
        var index = 0
        while index < lines.count {
            let start = index
            var text = lines[index]
            while text.hasSuffix("\\"), index + 1 < lines.count {
                index += 1
                text += "\n" + lines[index]
            }
            index += 1
            if !text.allSatisfy(\.isWhitespace), !text.hasPrefix("#") {
                commands.append(Command(text: text, line: number + start, output: nil))
            }
        }
        return commands
    }

    /// Commands after `$ `, each with what is shown below it.
    private static func console(_ lines: [String], at number: Int) -> [Command] {
        var commands: [Command] = []
        var isContinued = false
        for (index, line) in lines.enumerated() {
            if isContinued, let last = commands.indices.last {
                commands[last].text += "\n" + line
            } else if line.hasPrefix("$ ") {
                commands.append(Command(text: String(line.dropFirst(2)), line: number + index, output: []))
            } else if let last = commands.indices.last {
                commands[last].output?.append(line)
                continue
            }
            isContinued = line.hasSuffix("\\")
        }
        return commands
    }
}

/// Compares what a page shows with what a program printed, as far as it is the same every time.
enum DocumentedOutput {
    /// Words of a line that count.
    static let wordsCompared = 2

    /// The first line shown that does not come in what was printed, in this order; `nil` when all do.
    static func missing(_ shown: [String], in printed: String) -> String? {
        var rest = printed.split(whereSeparator: \.isNewline).map { key(String($0)) }[...]
        for line in shown where !line.allSatisfy(\.isWhitespace) && line != "…" {
            guard let found = rest.firstIndex(of: key(line)) else { return line }
            rest = rest[(found + 1)...]
        }
        return nil
    }

    /// The first words, of which those with digits and ids are not told apart.
    static func key(_ line: String) -> [String] {
        line.split(separator: " ").prefix(wordsCompared).map { word in
            word.contains(/[0-9]|^es[a-z]{7}$/) ? "#" : String(word)
        }
    }
}
