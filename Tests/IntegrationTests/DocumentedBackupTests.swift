import Foundation
import Glibc
import Testing

/// The scripts in `docs/operations.md` that copy the embedded store and put it back.
@Suite("The documented backup", .timeLimit(.minutes(30)))
struct DocumentedBackupTests {
    @Test("of the embedded store brings back every trial, and is refused while somebody uses the store")
    func copy() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/operations.md"), encoding: .utf8)
        var scripts: [String: String] = [:]
        for case .write(let name, let text, _) in DocumentedPage(name: "operations.md", text: text, isFull: false).steps
        {
            scripts[name] = text
        }
        let (copy, restore) = (try #require(scripts["copy.sh"]), try #require(scripts["restore.sh"]))
        try await Sandbox.use { sandbox in
            let space = ["--space", "x=uniform(0, 1)", "--metric", "loss", "--goal", "minimize", "--max-trials", "5"]
            let command = [Sandbox.binaries + "/hyperserver", "run"] + space + ["--", "sh", "-c", "echo loss={x}"]
            let run = try await sandbox.finish(try sandbox.start(command: command))
            #expect(run.ending == .exited(0), "\(run.story)")
            let trials = try await sandbox.client("trials", "last", "--json").output

            let server = try await sandbox.service()
            try sandbox.file("copy.sh", copy)
            let refused = try await sandbox.finish(try sandbox.start(command: ["/bin/sh", "copy.sh"]))
            #expect(refused.ending == .exited(1) && refused.errors.contains("the store is in use"), "\(refused.story)")
            server.signal(SIGTERM)
            try await server.waitForExit()

            let copied = try await sandbox.finish(try sandbox.start(command: ["/bin/sh", "copy.sh"]))
            #expect(copied.ending == .exited(0), "\(copied.story)")
            try sandbox.file("restore.sh", restore)
            let other = ["HYPER_DATA_DIR": sandbox.dataDirectory + "-restored"]
            let restored = try await sandbox.finish(
                try sandbox.start(command: ["/bin/sh", "restore.sh"], environment: other)
            )
            #expect(restored.ending == .exited(0), "\(restored.story)")
            let found = try await sandbox.client("trials", "last", "--json", environment: other)
            #expect(found.ending == .exited(0), "\(found.story)")
            #expect(found.output == trials)
        }
    }
}
