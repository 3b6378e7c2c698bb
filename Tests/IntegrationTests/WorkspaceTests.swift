import Foundation
import Testing

@Suite("Workspaces")
struct WorkspaceTests {
    @Test("trials run in copies of what was there at create, on a worker elsewhere; a commit and its directory do too")
    func snapshots() async throws {
        try await Sandbox.use { sandbox in
            let manager = FileManager.default
            for directory in ["lab/code", "repository/part"] {
                try manager.createDirectory(
                    atPath: "\(sandbox.directory)/\(directory)",
                    withIntermediateDirectories: true
                )
            }
            try sandbox.file("lab/code/value", "0.25\n")
            try sandbox.file("lab/junk.o", "x")
            try sandbox.file("lab/.hyperignore", "*.o\n")
            let file = try sandbox.file(
                "lab/experiment.yaml",
                """
                name: snapshot
                workspace: .
                working_directory: code
                command: 'test ! -e ../junk.o && echo "loss=$(cat value)" && rm -r ../code'
                search_space: {x: "uniform(0, 1)"}
                objective: {metric: loss, goal: minimize}
                sampler: {type: random, seed: 1}
                arguments: none
                limits: {max_trials: 3}
                """
            )
            let server = try await sandbox.service()
            let validated = try await sandbox.client("validate", file)
            #expect(validated.output.contains("snapshot   3 files, "), "\(validated.story)")
            let first = try await sandbox.create(file)
            try sandbox.file("lab/code/value", "0.75\n")
            #expect(try await sandbox.create(file) != first)
            try manager.removeItem(atPath: sandbox.directory + "/lab/code")

            try sandbox.file("repository/part/value", "0.5\n")
            let script = """
                cd repository && git init -q -b work . && git add . &&
                git -c user.name=t -c user.email=t@example commit -q -m one
                """
            let made = try await sandbox.finish(try sandbox.start(command: ["sh", "-c", script]))
            #expect(made.ending == .exited(0), "\(made.story)")
            let repository = try sandbox.file(
                "repository.yaml",
                """
                name: repository
                workspace: git+file://\(sandbox.directory)/repository@work#subdirectory=part
                command: 'echo "loss=$(cat value)" && mv value "$HYPER_OUTPUT_DIR/model"'
                artifacts: {include: [model]}
                search_space: {x: "uniform(0, 1)"}
                objective: {metric: loss, goal: minimize}
                sampler: {type: random, seed: 1}
                arguments: none
                limits: {max_trials: 2}
                """
            )
            let third = try await sandbox.create(repository)
            let worker = try sandbox.worker("--exit-when-idle=1", "--workdir", sandbox.directory + "/elsewhere")
            _ = try await sandbox.finish(worker)
            for _ in 0..<3 { try await server.waitForLine(containing: "is completed") }

            let all = try await sandbox.experiments()
            #expect(all.count == 3)
            let values = try await [sandbox.trials(first), sandbox.trials(third)].map { $0.map(\.value) }
            #expect(values == [[0.25, 0.25, 0.25], [0.5, 0.5]], "\(worker.story)")

            try await artifacts(sandbox, third)
            try await cleans(sandbox, first)

            let missing = try sandbox.file(
                "missing.yaml",
                try String(contentsOfFile: file, encoding: .utf8).replacing("workspace: .", with: "workspace: ./none")
            )
            let refused = try await sandbox.client("create", missing)
            // Only `delete` has made one less.
            #expect(refused.ending == .exited(64) && refused.errors.contains("none does not exist"), "\(refused.story)")
            #expect(try await sandbox.experiments().count == 2)
        }
    }

    /// What a trial left is one command away from its worker.
    private func artifacts(_ sandbox: Sandbox, _ id: String) async throws {
        let best = try await sandbox.client("best", id)
        #expect(best.output.contains("hyperserver artifacts \(id) best --output best"), "\(best.story)")
        let list = try await sandbox.client("artifacts", id, "best", "--json")
        #expect(list.output.contains("\"artifacts\":[{\"path\":\"model\",\"bytes\":4,"), "\(list.story)")
        let shown = try await sandbox.client("artifacts", id, "2", "model", "--output", "-")
        #expect(shown.ending == .exited(0) && shown.output == "0.5\n", "\(shown.story)")
        let all = try await sandbox.client("artifacts", id, "best", "--output", "fetched")
        #expect(all.ending == .exited(0), "\(all.story)")
        #expect(try String(contentsOfFile: sandbox.directory + "/fetched/model", encoding: .utf8) == "0.5\n")
        let none = try await sandbox.client("artifacts", id, "best", "none")
        #expect(none.ending == .exited(1) && none.errors.contains("has no artifact none"), "\(none.story)")
    }

    /// A workspace that nobody names any more is kept for a day.
    private func cleans(_ sandbox: Sandbox, _ id: String) async throws {
        #expect(try await sandbox.client("delete", id, "--yes").ending == .exited(0))
        let plan = try await sandbox.client(
            "gc",
            "--dry-run",
            "--workdir",
            sandbox.directory + "/elsewhere",
            "--attempts-older-than",
            "0s",
            "--json"
        )
        #expect(plan.output.contains("cached_workspaces") && !plan.output.contains("\"workspaces\""), "\(plan.story)")
    }
}
