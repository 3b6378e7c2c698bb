import ExperimentModel

/// A container as a guard knows it: enough to remove it without the worker.
struct GuardedContainer: Sendable, Hashable, CustomStringConvertible {
    var name: String
    var runtime: TrialRuntime
    /// Path of the engine's program; absolute.
    var program: String

    /// As it stands in a line: the path comes last, since it may hold blanks.
    var description: String { "\(name) \(runtime.rawValue) \(program)" }

    init(name: String, runtime: TrialRuntime, program: String) {
        self.name = name
        self.runtime = runtime
        self.program = program
    }

    init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count == 3, Self.isName(words[0]), let runtime = TrialRuntime(rawValue: words[1]),
            runtime != .process, words[2].hasPrefix("/")
        else { return nil }
        self.init(name: words[0], runtime: runtime, program: words[2])
    }

    /// Whether a text can be the name of a container of ours, and no option.
    static func isName(_ text: String) -> Bool {
        text.hasPrefix("hyper-")
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
                    || $0 == 0x5F
            }
    }
}
