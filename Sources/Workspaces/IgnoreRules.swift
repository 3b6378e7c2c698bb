/// Which paths of a tree are left out: patterns of files named ``fileName``, each for the directory it lies in, and patterns
/// of the experiment file, which come before all of these.
struct IgnoreRules {
    /// The name of files with patterns.
    static let fileName = ".hyperignore"
    /// What is always left out: it is history, not source.
    static let alwaysIgnored = ".git"
    /// Bytes of one file of patterns.
    static let maximumFileBytes = 1 << 20

    private struct Level {
        /// The directory, empty or with `/` at its end.
        var base: String
        var patterns: [PathPattern]
    }

    private let first: [PathPattern]
    private var levels: [Level] = []

    /// Rules with the patterns of the experiment file.
    init(_ patterns: [String]) throws(WorkspaceError) {
        first = try Self.read(patterns)
    }

    private static func read(_ lines: [some StringProtocol]) throws(WorkspaceError) -> [PathPattern] {
        var patterns: [PathPattern] = []
        for line in lines {
            if let pattern = try PathPattern(line: line) { patterns.append(pattern) }
        }
        return patterns
    }

    /// Takes in the patterns of a directory; those of directories above it must be here, those of others are forgotten.
    mutating func enter(_ directory: String, text: String?) throws(WorkspaceError) {
        leave(notIn: directory)
        guard let text else { return }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        let patterns = try Self.read(lines)
        if !patterns.isEmpty {
            levels.append(Level(base: directory.isEmpty ? "" : directory + "/", patterns: patterns))
        }
    }

    private mutating func leave(notIn directory: String) {
        levels.removeAll { !(directory + "/").utf8.starts(with: $0.base.utf8) }
    }

    /// Whether a path is left out; none of the directories above it is.
    func isIgnored(_ path: String, isDirectory: Bool) -> Bool {
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? path
        if name == Self.alwaysIgnored { return true }
        if let decision = Self.decision(first, path, isDirectory) { return decision }
        for level in levels.reversed() where path.utf8.starts(with: level.base.utf8) {
            let rest = String(path.utf8.dropFirst(level.base.utf8.count)) ?? path
            if let decision = Self.decision(level.patterns, rest, isDirectory) { return decision }
        }
        return false
    }

    /// The last pattern that matches decides.
    private static func decision(_ patterns: [PathPattern], _ path: String, _ isDirectory: Bool) -> Bool? {
        patterns.last { $0.matches(path, isDirectory: isDirectory) }.map { !$0.isNegated }
    }
}
