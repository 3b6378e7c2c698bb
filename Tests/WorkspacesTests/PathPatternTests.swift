import Foundation
import Testing

@testable import Workspaces

@Suite("Ignore rules")
struct PathPatternTests {
    /// Patterns of files by their directory, and files whose fate git is asked for.
    private static let rules: [String: String] = [
        "": """
        # a comment
        *.log
        !keep.log
        /build
        out/
        doc/*.txt
        **/cache
        deep/**/x
        below/**
        !below/kept
        \\#literal
        \\!bang
        name\\ \t
        file[0-9].c
        file[!a]z
        [[:upper:]]*.up
        a?c
        trailing   \n  lead
        *.tmp
        foo/**bar
        star*star
        q\\*q
        """,
        "nested": """
        !inner.log
        *.txt
        /only
        sub/leaf
        """,
    ]

    private static let files = [
        "a.log", "keep.log", "x/keep.log", "x/b.log", "build", "x/build", "out/f", "x/out/f", "outfile", "doc/a.txt",
        "doc/b/a.txt", "cache", "x/cache", "x/y/cache/z", "deep/x", "deep/a/x", "deep/a/b/x", "deep/xx", "below/a",
        "below/kept",
        "below/b/c", "#literal", "!bang", "file1.c", "filea.c", "filebz", "fileaz", "Up.up", "up.up", "abc", "a/c",
        "x/aXc", "trailing",
        "  lead", "lead", "t.tmp", "nested/inner.log", "nested/other.log", "nested/a.txt", "nested/b/a.txt",
        "nested/only",
        "nested/b/only", "nested/sub/leaf", "sub/leaf", "foo/xbar", "foo/x/bar", "starXstar", "star/star", "q*q", "qxq",
    ]

    @Test("leave out what git leaves out, with the same patterns in the same places")
    func sameAsGit() throws {
        let place = try TemporaryDirectory(in: NSTemporaryDirectory(), prefix: "hyper-ignore-")
        try Self.git(["init", "-q", place.path], in: place.path)
        for file in Self.files {
            let path = "\(place.path)/\(file)"
            let directory = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            // Some names are files in one place and directories in another.
            if !FileManager.default.fileExists(atPath: path) {
                try Data("x".utf8).write(to: URL(fileURLWithPath: path))
            }
        }
        for (directory, text) in Self.rules {
            for name in [".gitignore", IgnoreRules.fileName] {
                let path = directory.isEmpty ? "\(place.path)/\(name)" : "\(place.path)/\(directory)/\(name)"
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            }
        }
        let listed = try Self.git(["ls-files", "-z", "--others", "--exclude-standard"], in: place.path)
        let kept = Set(listed.split(separator: "\0").map(String.init))
        let tree = try SnapshotTree(of: place.path, ignoring: [], limits: WorkspaceLimits())
        let ours = Set(tree.entries.filter { $0.kind != .directory }.map(\.path))
        #expect(ours.symmetricDifference(kept).sorted() == [])
        #expect(kept.count > 15 && kept.count < Self.files.count - 10)
        #expect(!tree.entries.contains { $0.path.hasPrefix(".git/") })
    }

    @Test("patterns of the experiment file come before those of the tree")
    func precedence() throws {
        var rules = try IgnoreRules(["!a.log", "*.c"])
        try rules.enter("", text: "*.log\n!b.c\n")
        #expect(!rules.isIgnored("a.log", isDirectory: false))
        #expect(rules.isIgnored("b.log", isDirectory: false))
        #expect(rules.isIgnored("b.c", isDirectory: false))
        #expect(rules.isIgnored("x/.git", isDirectory: true))
    }

    @Test("a pattern that cannot be read is refused, and one that is made to take long takes no longer than others")
    func badPatterns() throws {
        #expect(throws: WorkspaceError.self) { try PathPattern(line: "a[b") }
        #expect(throws: WorkspaceError.self) { try PathPattern(line: String(repeating: "a", count: 1025)) }
        #expect(try PathPattern(line: "# comment") == nil)
        #expect(try PathPattern(line: "   ") == nil)
        let slow = try #require(try PathPattern(line: String(repeating: "*a", count: 200) + "b"))
        #expect(!slow.matches(String(repeating: "a", count: 4000), isDirectory: false))
    }

    @discardableResult
    private static func git(_ arguments: [String], in directory: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", directory, "-c", "core.excludesFile=/dev/null"] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }
}
