import Foundation
import Glibc
import Testing

@Suite("Failures with a store")
struct FailureTests {
    @Test("a wrong password ends both programs with 69 and is printed nowhere")
    func wrongPassword() async throws {
        try await Sandbox.use { sandbox in
            _ = try await sandbox.service()
            let endpoint = try sandbox.endpoint()
            let wrong = "wr0ng" + String(endpoint.password.reversed())
            let uri =
                "mongodb://\(endpoint.user):\(wrong)@\(endpoint.host):\(endpoint.port)/?authSource=admin"
                + "&replicaSet=\(endpoint.replicaSet)"
            let programs = [
                try await sandbox.client("list", environment: ["HYPER_MONGO_URI": uri]),
                try await sandbox.client("list", "--mongo", uri),
                try await sandbox.finish(try sandbox.worker("--mongo", uri)),
            ]
            for program in programs {
                #expect(program.ending == .exited(69), "\(program.story)")
                #expect(!(program.output + program.errors).contains(wrong), "the password was printed")
            }
        }
    }

    @Test("what is not there ends with 1: an experiment, a trial, a best")
    func nothingThere() async throws {
        try await Sandbox.use { sandbox in
            _ = try await sandbox.service()
            #expect(try await sandbox.experiments().isEmpty)
            for command in ["status", "trials", "best", "cancel", "logs"] {
                for id in ["es0000000", "last"] {
                    let program = try await sandbox.client(command, id)
                    #expect(program.ending == .exited(1), "\(program.story)")
                }
            }
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 3))
            for arguments in [["best", id], ["best", id, "--json"], ["logs", id, "7"]] {
                let command = [Sandbox.binaries + "/hyperserver"] + arguments
                let program = try await sandbox.finish(try sandbox.start(command: command))
                #expect(program.ending == .exited(1), "\(program.story)")
            }
        }
    }

    @Test("a command that does not exist fails the experiment soon and is named")
    func missingCommand() async throws {
        try await Sandbox.use { sandbox in
            let run = try await sandbox.client(
                "run",
                "--space",
                "x=uniform(0,1)",
                "--metric",
                "loss",
                "--goal",
                "minimize",
                "--max-trials",
                "200",
                "--workers",
                "2",
                "--",
                "no-such-program-here",
                "{x}"
            )
            #expect(run.ending == .exited(1), "\(run.story)")
            #expect((run.output + run.errors).contains("no-such-program-here"), "\(run.story)")
            let status = try await sandbox.status()
            #expect(status.state == "failed")
            #expect(status.reason == "fail_fast")
            #expect(try await sandbox.trials().count < 20)
        }
    }

    @Test("a trial that ignores SIGTERM is killed after its time-out and the grace")
    func ignoresTermination() async throws {
        try await Sandbox.use { sandbox in
            let file = try sandbox.file(
                "stubborn.yaml",
                """
                name: stubborn
                command: "trap '' TERM; echo loss=1; echo $$ > pid; read -r line < go; echo loss=2"
                search_space: {x: "uniform(0, 1)"}
                objective: {metric: loss, goal: minimize}
                limits: {max_trials: 1, trial_timeout: 1s}
                """
            )
            let run = try await sandbox.client("run", file, "--workers", "1")
            #expect(run.ending == .exited(1), "\(run.story)")
            let trial = try #require(try await sandbox.trials().first)
            #expect(trial.state == "error")
            #expect(trial.cause == "timed_out")
            #expect(trial.attempts.last?.signal == Int(SIGKILL))
            let text = try String(contentsOfFile: sandbox.directory + "/pid", encoding: .utf8)
            let pid = try #require(pid_t(text.trimmingCharacters(in: .newlines)))
            try await ProcessEnd.wait(for: pid, "a killed trial")
        }
    }

    @Test("a trial that prints 200 MB is done by its last line, and its log stays within the cap")
    func flood() async throws {
        try await Sandbox.use { sandbox in
            let file = try sandbox.file(
                "flood.yaml",
                """
                name: flood
                command: "yes 'a line of forty characters, newline too' | head -c 200000000; echo; echo loss={x}"
                search_space: {x: "uniform(0, 1)"}
                objective: {metric: loss, goal: minimize}
                limits: {max_trials: 1}
                """
            )
            let run = try await sandbox.client("run", file, "--workers", "1")
            #expect(run.ending == .exited(0), "\(run.story)")
            let trial = try #require(try await sandbox.trials().first)
            #expect(trial.state == "done")
            #expect(trial.value == trial.params["x"]?.number)
            // Counted outside: the log would fill this process's memory.
            let count = try sandbox.start(
                command: [
                    "/bin/sh", "-c", "\"$1\" logs last 1 > log && wc -c < log && tail -n 1 log && grep -c dropped log",
                    "sh",
                    Sandbox.binaries + "/hyperserver",
                ]
            )
            let lines = try await sandbox.finish(count).output.split(separator: "\n")
            try #require(lines.count == 3, "\(count.story)")
            let bytes = try #require(Int(lines[0].trimmingCharacters(in: .whitespaces)))
            let cap = 64 << 20
            #expect(bytes > cap / 2 && bytes <= cap + 1024, "\(bytes) bytes")
            #expect(lines[1].hasPrefix("loss="))
            #expect(lines[2] == "1", "the gap is marked once")
        }
    }
}
