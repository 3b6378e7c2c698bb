import Coordination
import Execution
import ExperimentModel
import Foundation
import Logging
import MemoryTrialStore
import Testing

@testable import Workspaces

@Suite("The cache of workspaces", .timeLimit(.minutes(1)))
struct WorkspaceCacheTests {
    private let store = MemoryTrialStore { Timestamp(milliseconds: 1_700_000_000_000) }

    private func cache(_ scratch: Scratch, limit: Int64 = WorkspaceCache.defaultLimitBytes) -> WorkspaceCache {
        let cache = WorkspaceCache(
            directory: scratch.path + "/cache",
            limitBytes: limit,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        cache.use(store)
        return cache
    }

    private func settle(_ path: String) async throws -> WorkspaceSpecification {
        try await WorkspaceStorage(store).settle(WorkspaceSpecification(source: .path(path)))
    }

    private func archives(_ scratch: Scratch) -> [String] { CachedArchive.all(in: scratch.path + "/cache").map(\.name) }

    @Test("brings a workspace once, gives every attempt a copy of its own, and keeps it when the source changes")
    func privateCopies() async throws {
        let scratch = try Scratch(["src/a": "1", "src/b/c": "2"])
        let workspace = try await settle(scratch.path + "/src")
        try scratch.write("src/a", "changed")
        let cache = cache(scratch)
        let all = try await withThrowingTaskGroup(of: (any PreparedWorkspace).self) { group in
            for _ in 0..<8 { group.addTask { try await cache.prepare(workspace) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let first = try scratch.make("first")
        try all[0].unpack(into: first)
        try FileManager.default.removeItem(atPath: first + "/a")
        let second = try scratch.make("second")
        try all[1].unpack(into: second)
        #expect(try scratch.text("second/a") == "1")
        #expect(try scratch.listing("second") == ["a", "b/", "b/c"])
        #expect(archives(scratch).count == 1)
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.path + "/cache")[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test("fetches anew what was cut or changed on this machine, and refuses what was changed in the store")
    func tampering() async throws {
        let scratch = try Scratch(["src/a": "1", "other/a": "2"])
        let workspace = try await settle(scratch.path + "/src")
        _ = try await cache(scratch).prepare(workspace)
        let path = scratch.path + "/cache/" + (try #require(archives(scratch).first))
        for damage in [Data(), Data("nonsense".utf8)] {
            try FileManager.default.removeItem(atPath: path)
            try damage.write(to: URL(fileURLWithPath: path))
            try await cache(scratch).prepare(workspace).unpack(into: try scratch.make("t\(damage.count)"))
            #expect(try scratch.text("t\(damage.count)/a") == "1")
        }
        guard case .snapshot(let hash, _, _) = workspace.content else {
            Issue.record("no hash")
            return
        }
        let other = try WorkspaceSnapshot(
            of: scratch.path + "/other",
            ignoring: [],
            maximumBytes: 1000,
            isPacked: true
        )
        await store.removeFiles([.workspace(hash: hash)], storedBefore: nil)
        try await store.storeFile(at: try #require(other.archive), as: .workspace(hash: hash), sha256: nil)
        try FileManager.default.removeItem(atPath: path)
        await #expect(throws: WorkspaceError.wrongContent(expected: hash, found: other.hash)) {
            try await cache(scratch).prepare(workspace)
        }
        await store.removeFiles([.workspace(hash: hash)], storedBefore: nil)
        await #expect(throws: WorkspaceError.notStored(hash: hash)) { try await cache(scratch).prepare(workspace) }
    }

    @Test("makes room by removing what was not used for the longest time; what is in use can still be unpacked")
    func room() async throws {
        let scratch = try Scratch(["one/a": "1", "two/a": "2"])
        let cache = cache(scratch, limit: 1)
        let one = try await cache.prepare(try await settle(scratch.path + "/one"))
        _ = try await cache.prepare(try await settle(scratch.path + "/two"))
        #expect(archives(scratch).count == 1)
        try one.unpack(into: try scratch.make("target"))
        #expect(try scratch.text("target/a") == "1")
    }

    @Test("a branch is resolved once, and a commit of a repository is brought here with its subdirectory")
    func repository() async throws {
        let scratch = try Scratch()
        let repository = scratch.path + "/repository"
        try await Self.git(["init", "-q", "-b", "main", repository])
        try scratch.write("repository/lab/train.py", "old")
        try scratch.write("repository/readme", "r")
        let identity = ["-C", repository, "-c", "user.name=t", "-c", "user.email=t@example"]
        try await Self.git(["-C", repository, "add", "."])
        try await Self.git(identity + ["commit", "-q", "-m", "one"])
        let specification = WorkspaceSpecification(
            source: .git(url: "file://" + repository, reference: "main", subdirectory: "lab")
        )
        let workspace = try await WorkspaceStorage(store).settle(specification)
        try scratch.write("repository/lab/train.py", "new")
        try await Self.git(identity + ["commit", "-q", "-a", "-m", "two"])

        let cache = cache(scratch)
        try await cache.prepare(workspace).unpack(into: try scratch.make("target"))
        #expect(try scratch.listing("target") == ["train.py"])
        #expect(try scratch.text("target/train.py") == "old")
        #expect(archives(scratch).count == 1)
        try FileManager.default.removeItem(atPath: repository)
        try await self.cache(scratch).prepare(workspace).unpack(into: try scratch.make("again"))
        #expect(try scratch.text("again/train.py") == "old")

        await #expect(throws: WorkspaceError.self) { try await WorkspaceStorage(store).settle(specification) }
    }

    private static func git(_ arguments: [String]) async throws {
        _ = try await GitProgram.run(arguments, timeout: .seconds(30))
    }
}
