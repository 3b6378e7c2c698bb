import ExperimentModel
import Foundation
import Glibc
import Testing

@testable import Workspaces

@Suite("Snapshots of directories")
struct SnapshotTests {
    private static func snapshot(
        _ path: String,
        ignoring: [String] = [],
        limit: Int64 = 1 << 20,
        isPacked: Bool = false
    ) throws -> WorkspaceSnapshot {
        try WorkspaceSnapshot(of: path, ignoring: ignoring, maximumBytes: limit, isPacked: isPacked)
    }

    @Test("the hash is that of the content alone, and the one that the documentation describes")
    func hash() throws {
        let scratch = try Scratch(["a/train.py": "print(1)\n", "b.txt": "é"])
        try FileManager.default.createSymbolicLink(atPath: scratch.path + "/l", withDestinationPath: "a/train.py")
        chmod(scratch.path + "/a/train.py", 0o755)
        let text =
            "hyper-workspace-1\n" + "da\u{0}0\u{0}" + "xa/train.py\u{0}9\u{0}print(1)\n" + "fb.txt\u{0}2\u{0}é"
            + "ll\u{0}10\u{0}a/train.py"
        let snapshot = try Self.snapshot(scratch.path)
        #expect(snapshot.hash == SHA256.hex(of: text))
        #expect(snapshot.hash == "2e3fc9643a2644ec5923873e7a938089b25d197f28f7864a470e7fcd9eaa1dd8")
        #expect(snapshot.content == .snapshot(hash: snapshot.hash, files: 3, bytes: 11))

        utimes(scratch.path + "/b.txt", [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)])
        chmod(scratch.path + "/b.txt", 0o600)
        #expect(try Self.snapshot(scratch.path).hash == snapshot.hash)
        chmod(scratch.path + "/b.txt", 0o700)
        #expect(try Self.snapshot(scratch.path).hash != snapshot.hash)
    }

    @Test("the same files make the same archive, and unpacking it gives them back")
    func roundTrip() throws {
        let long = String(repeating: "d/", count: 60) + String(repeating: "n", count: 200)
        let scratch = try Scratch(["src/a/é ü\"'$": "1", "src/\(long)": "2", "src/run": "#!/bin/sh\n", "src/empty": ""])
        _ = try scratch.make("src/hollow")
        chmod(scratch.path + "/src/run", 0o4755)
        try FileManager.default.createSymbolicLink(atPath: scratch.path + "/src/a/l", withDestinationPath: "../run")
        let first = try Self.snapshot(scratch.path + "/src", isPacked: true)
        let second = try Self.snapshot(scratch.path + "/src", isPacked: true)
        let archive = try #require(first.archive)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: archive))
                == Data(contentsOf: URL(fileURLWithPath: try #require(second.archive)))
        )

        let target = try scratch.make("target")
        try ArchiveReader(path: archive, form: .ours, limits: WorkspaceLimits()).read(
            into: DirectoryWriter(root: target)
        )
        #expect(try scratch.listing("target") == scratch.listing("src"))
        #expect(try scratch.text("target/\(long)") == "2")
        var status = stat()
        #expect(stat(target + "/run", &status) == 0)
        #expect(status.st_mode & 0o6000 == 0 && status.st_mode & S_IXUSR != 0)
        let digest = ContentDigest()
        try ArchiveReader(path: archive, form: .ours, limits: WorkspaceLimits()).read(into: digest)
        #expect(digest.hash == first.hash)
    }

    @Test("what is too large names the largest parts, and what cannot be taken is named")
    func refusals() throws {
        let scratch = try Scratch([
            "big/x": String(repeating: "x", count: 5000), "small": "y", "mid": String(repeating: "z", count: 100),
        ])
        let large = #expect(throws: WorkspaceError.self) { try Self.snapshot(scratch.path, limit: 1000) }
        #expect(
            "\(try #require(large))".contains("big/ (4.9 KiB), mid (100 bytes), small (1 byte)"),
            "\(large.map { "\($0)" } ?? "")"
        )
        #expect(try Self.snapshot(scratch.path, ignoring: ["big/"], limit: 1000).ignoredCount == 1)

        for (index, target) in ["/etc/passwd", "../outside", "big/../../x", "big/.."].enumerated() {
            try FileManager.default.createSymbolicLink(atPath: scratch.path + "/l\(index)", withDestinationPath: target)
        }
        let links = #expect(throws: WorkspaceError.self) { try Self.snapshot(scratch.path) }
        #expect(
            links == .links(["l0 -> /etc/passwd", "l1 -> ../outside", "l2 -> big/../../x", "l3 -> big/.."])
        )
        mkfifo(scratch.path + "/pipe", 0o600)
        #expect(throws: WorkspaceError.special(path: scratch.path + "/pipe")) {
            try Self.snapshot(scratch.path, ignoring: ["l*"])
        }
        #expect(throws: WorkspaceError.missing(path: scratch.path + "/none")) {
            try Self.snapshot(scratch.path + "/none")
        }
        #expect(throws: WorkspaceError.notAWorkspace(path: scratch.path + "/small")) {
            try Self.snapshot(scratch.path + "/small")
        }
        #expect(throws: WorkspaceError.self) {
            try SnapshotTree(of: scratch.path, ignoring: ["l*", "pipe"], limits: WorkspaceLimits(entries: 2))
        }
    }
}
