import Coordination
import ExperimentModel
import Foundation
import Glibc
import Logging
import MemoryTrialStore
import Testing

@testable import Workspaces

@Suite("Artifacts", .timeLimit(.minutes(1)))
struct ArtifactTests {
    private let store = MemoryTrialStore { Timestamp(milliseconds: 1_700_000_000_000) }
    private let trial = TrialID(experiment: ExperimentID("es0000001"), number: 3)

    private func keep(_ scratch: Scratch, _ rules: ArtifactRules) async -> String? {
        let storage = ArtifactStorage(
            workDirectory: scratch.path,
            host: "node",
            store: store,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        return await storage.keep(trial, attempt: 2, rules)
    }

    private func kept() async -> [String] {
        await store.storedFiles(in: .attempt(trial, 2)).compactMap { file in
            if case .artifact(_, _, let path) = file.name { path } else { nil }
        }
    }

    private static let output = "es0000001/3-2/output"

    @Test("that the rules want are kept, again without harm; links and special files are not, and are named")
    func rules() async throws {
        let scratch = try Scratch([
            "\(Self.output)/model.pkl": "1", "\(Self.output)/plots/a.png": "2", "\(Self.output)/plots/raw/b.bin": "3",
            "\(Self.output)/notes.txt": "4", "outside": "5",
        ])
        let output = "\(scratch.path)/\(Self.output)"
        let rules = ArtifactRules(include: ["*.pkl", "plots/"], exclude: ["raw/"])
        #expect(await keep(scratch, rules) == nil)
        #expect(await keep(scratch, rules) == nil)
        #expect(await kept() == ["model.pkl", "plots/a.png"])

        try FileManager.default.createSymbolicLink(
            atPath: output + "/l",
            withDestinationPath: scratch.path + "/outside"
        )
        mkfifo(output + "/pipe", 0o600)
        let complaint = await keep(scratch, ArtifactRules())
        #expect(complaint == "these artifacts are not kept, since they are no plain files: \"l\", \"pipe\"")
        #expect(await kept() == ["model.pkl", "notes.txt", "plots/a.png", "plots/raw/b.bin"])
    }

    @Test("that are too large stay where they are, and the message says where")
    func caps() async throws {
        let scratch = try Scratch(["\(Self.output)/big": String(repeating: "x", count: 100)])
        let complaint = await keep(scratch, ArtifactRules(maximumBytes: 99))
        #expect(
            complaint == "artifacts are not kept: they have 100 bytes, more than 99 bytes (artifacts.max_bytes); "
                + "they lie in \(scratch.path)/\(Self.output) of node"
        )
        #expect(await kept() == [])
        #expect(await keep(try Scratch(), ArtifactRules()) == nil)
    }

    @Test("are fetched under their names, replace nothing, and never leave the directory")
    func fetching() async throws {
        let scratch = try Scratch(["\(Self.output)/plots/a.png": "2", "target/other/x": "keep"])
        #expect(await keep(scratch, ArtifactRules()) == nil)
        let file = try #require(await store.storedFiles(in: .attempt(trial, 2)).first)
        let target = scratch.path + "/target"
        let fetch = ArtifactFetch(store)
        try await fetch.fetch(file, to: "plots/a.png", in: target)
        #expect(try scratch.text("target/plots/a.png") == "2")
        #expect(try scratch.listing("target") == ["other/", "other/x", "plots/", "plots/a.png"])
        await #expect(throws: ArtifactFetch.Failure.taken(target + "/other/x")) {
            try await fetch.fetch(file, to: "other/x", in: target)
        }
        for name in ["../escaped", "/tmp/hyper-escaped", "a/../../escaped", "", "a\u{1B}[2J"] {
            await #expect(throws: ArtifactFetch.Failure.hostileName(name)) {
                try await fetch.fetch(file, to: name, in: target)
            }
        }
        try FileManager.default.createSymbolicLink(atPath: target + "/link", withDestinationPath: scratch.path)
        await #expect(throws: ArtifactFetch.Failure.self) {
            try await fetch.fetch(file, to: "link/escaped", in: target)
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/escaped"))

        var changed = file
        changed.sha256 = String(repeating: "0", count: 64)
        await #expect(throws: ArtifactFetch.Failure.changed("b")) {
            try await fetch.fetch(changed, to: "b", in: target)
        }
        #expect(try scratch.listing("target").filter { $0.hasPrefix(".hyper") } == [])
    }
}
