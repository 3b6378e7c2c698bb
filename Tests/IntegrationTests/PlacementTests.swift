import Foundation
import Testing

@Suite("Which worker runs what")
struct PlacementTests {
    private struct AttemptWorkers: Decodable {
        struct Attempt: Decodable { var worker: String }
        struct Trial: Decodable { var attempts: [Attempt] }
        var trials: [Trial]
    }

    private static let secret = "s3cret value"

    @Test("labels and secrets decide who runs a trial, status tells what is missing, and GPUs are shared out")
    func placement() async throws {
        try await Sandbox.use { sandbox in
            _ = try await sandbox.service()
            let locks = ["HYPER_GPU_LOCKS": sandbox.directory + "/gpus"]
            let plain = try sandbox.worker("--count", "1", "--label", "machine=V100", environment: locks)
            // It is known to the store when it has run a trial.
            let one = try await sandbox.create(
                try sandbox.file(
                    "one.yaml",
                    """
                    command: [sh, -c, "echo loss={x}"]
                    search_space: {x: "uniform(0, 1)"}
                    objective: {metric: loss, goal: minimize}
                    limits: {max_trials: 1}
                    """
                )
            )
            #expect(try await sandbox.client("watch", one, "--json").ending == .exited(0))

            let id = try await sandbox.create(
                try sandbox.file(
                    "placed.yaml",
                    """
                    command: 'test "${#TOKEN}" = \(Self.secret.count) && echo "loss={x}" && echo "gpu=$CUDA_VISIBLE_DEVICES"'
                    search_space: {x: "uniform(0, 1)"}
                    objective: {metric: loss, goal: minimize}
                    metrics: [gpu]
                    limits: {max_trials: 6}
                    requires: {machine: K80}
                    secret_env: [TOKEN]
                    """
                )
            )
            let waiting = try await sandbox.client("status", id)
            #expect(
                waiting.output.contains("1 worker lacks machine=K80 (`hyperworker --label`)"),
                "\(waiting.story)"
            )

            let secrets = try sandbox.file("secrets", "# of the lab\nTOKEN=\(Self.secret)\n")
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: secrets)
            let open = try await sandbox.finish(try sandbox.worker("--secrets", secrets))
            #expect(open.ending == .exited(64) && open.errors.contains("chmod 600"), "\(open.story)")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secrets)
            let fit = try sandbox.worker(
                "--label",
                "machine=K80",
                "--secrets",
                secrets,
                "--gpus",
                "5,7",
                environment: locks
            )
            #expect(try await sandbox.client("watch", id, "--json").ending == .exited(0))
            let text = try await sandbox.client("trials", id, "--json")
            let trials = try Sandbox.decode(AttemptWorkers.self, text).trials
            #expect(trials.count == 6, "\(text.story)")
            #expect(trials.allSatisfy { $0.attempts.count == 1 && $0.attempts[0].worker.contains(":\(fit.pid):") })
            #expect(!trials.contains { $0.attempts[0].worker.contains(":\(plain.pid):") })

            // The value of a secret is nowhere in what is stored and shown; the GPUs are one of two each.
            let exported = try await sandbox.client("export", id, "--format", "json")
            let logs = try await sandbox.client("logs", id)
            for program in [text, exported, logs] {
                #expect(!(program.output + program.errors).contains(Self.secret), "\(program.story)")
            }
            let lines = logs.output.split(separator: "\n").filter { $0.contains("gpu=") }
            #expect(lines.count == 6 && lines.allSatisfy { $0.hasSuffix("gpu=5") || $0.hasSuffix("gpu=7") }, "\(lines)")
            let workers = try await sandbox.client("workers", "--json")
            #expect(workers.output.contains(#""labels":{"machine":"K80"}"#), "\(workers.story)")
            #expect(workers.output.contains(#""slots":2"#) && workers.output.contains(#""gpus":["5","7"]"#))
        }
    }

    @Test("flags of a worker that cannot be meant end it at once, and say why")
    func flags() async throws {
        try await Sandbox.use { sandbox in
            for (arguments, words) in [
                (["--label", "machine"], "--label must be name=value"),
                (["--label", "a=1", "--label", "a=2"], "--label a is there twice"),
                (["--gpus", "0,0"], "the GPU 0 is there twice"), (["--gpus", "0,../x"], "names no GPU"),
                (["--gpus", "0,1", "--gpus-per-trial", "3"], "--gpus-per-trial must be from 1 to 2"),
                (["--gpus", "0,1", "--count", "3"], "--count 3 needs 3 GPUs"),
                (["--gpus-per-trial", "1"], "--gpus-per-trial needs --gpus"),
                (["--secrets", "/nonexistent"], "cannot be read"),
            ] {
                let command = [Sandbox.binaries + "/hyperworker"] + arguments
                let environment = ["HYPER_GPU_LOCKS": sandbox.directory + "/gpus"]
                let program = try await sandbox.finish(try sandbox.start(command: command, environment: environment))
                #expect(program.ending == .exited(64) && program.errors.contains(words), "\(program.story)")
            }
        }
    }
}
