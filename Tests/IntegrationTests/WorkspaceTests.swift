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
                command: 'echo "loss=$(cat value)" && rm value'
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

            let missing = try sandbox.file(
                "missing.yaml",
                try String(contentsOfFile: file, encoding: .utf8).replacing("workspace: .", with: "workspace: ./none")
            )
            let refused = try await sandbox.client("create", missing)
            #expect(refused.ending == .exited(64) && refused.errors.contains("none does not exist"), "\(refused.story)")
            #expect(try await sandbox.experiments().count == 3)
        }
    }
}
