import Foundation
import Testing

@Suite("hyperserver run")
struct RunTests {
    @Test("the example of the help text finds its best trial and leaves nothing behind")
    func quickstart() async throws {
        try await Sandbox.use { sandbox in
            let run = try sandbox.server(
                "run",
                "--space",
                "x=uniform(-5,5)",
                "--metric",
                "loss",
                "--goal",
                "minimize",
                "--max-trials",
                "30",
                "--workers",
                "2",
                "--",
                "sh",
                "-c",
                "echo \"loss=$(echo \"({x})*({x})\" | bc -l)\""
            )
            #expect(try await sandbox.finish(run).ending == .exited(0), "\(run.story)")
            #expect(sandbox.processes().isEmpty, "mongod or a worker outlived the run")

            // Each of them has signed off.
            #expect(try await sandbox.client("workers", "--json").output == "{\"workers\":[]}\n")
            let trials = try await sandbox.trials()
            #expect(trials.map(\.trial) == Array(1...30))
            for trial in trials {
                let x = try #require(trial.params["x"]?.number)
                let value = try #require(trial.value)
                #expect(trial.state == "done")
                #expect(trial.causes == ["succeeded"])
                // bc cuts the product after as many decimals as the longer factor has, or at 20.
                #expect(abs(value - x * x) <= 1e-9 * max(1, x * x), "trial \(trial.trial)")
            }
            let best = try #require(trials.min { ($0.value ?? .infinity) < ($1.value ?? .infinity) })
            #expect(run.output.contains("best trial \(best.trial): loss="), "\(run.output)")
        }
    }

    @Test("started by something that ignores the ends of its children, everything still learns of its own")
    func ignoredChildren() async throws {
        try await Sandbox.use { sandbox in
            let program = Sandbox.binaries + "/hyperserver"
            let trial = ["sh", "-c", "test $HYPER_TRIAL_ID != 2 || exit 3; echo loss={x}"]
            let options = [
                "--space", "x=uniform(0,1)", "--metric", "loss", "--goal", "minimize", "--max-trials", "4", "--workers",
                "1", "--",
            ]
            let run = try sandbox.start(
                command: ["sh", "-c", "trap '' CHLD; exec \"$0\" \"$@\"", program, "run"] + options + trial
            )
            #expect(try await sandbox.finish(run).ending == .exited(0), "\(run.story)")
            #expect(sandbox.processes().isEmpty, "mongod or a worker outlived the run")
            let causes = try await sandbox.trials().map(\.causes)
            #expect(causes == [["succeeded"], ["failed"], ["succeeded"], ["succeeded"]])
        }
    }

    @Test("Ctrl-C lets running trials finish, pauses, and --resume completes the rest")
    func interruptOnce() async throws {
        try await Sandbox.use { sandbox in
            let run = try sandbox.server("run", try sandbox.gatedExperiment(trials: 10), "--workers", "2")
            _ = try await sandbox.gate.next(2)
            try await sandbox.gate.advance(3)
            run.signal(SIGINT)
            try await run.waitForLine(containing: "lets running trials finish")
            try sandbox.gate.release(2)
            #expect(try await sandbox.finish(run).ending == .exited(2), "\(run.story)")
            let line = try await run.waitForLine(containing: "run --resume ")
            let id = try #require(line.split(separator: " ").last.map(String.init))
            #expect(sandbox.processes().isEmpty, "mongod or a worker outlived the run")

            let interrupted = try await sandbox.trials(id)
            #expect(interrupted.filter { $0.state == "running" }.isEmpty)
            #expect(interrupted.filter { $0.state == "done" }.count == 5)
            #expect(try await sandbox.status(id).state == "paused")

            try sandbox.gate.open()
            let resumed = try await sandbox.client("run", "--resume", id, "--workers", "2")
            #expect(resumed.ending == .exited(0), "\(resumed.story)")
            let trials = try await sandbox.trials(id)
            try sandbox.expectEachTrialDoneOnce(trials, count: 10)
            // A worker may have claimed one more before the signal reached it: that one was given back.
            #expect(
                trials.allSatisfy { $0.causes.filter { $0 != "drained" } == ["succeeded"] },
                "\(trials.map(\.causes))"
            )
        }
    }

    @Test("Ctrl-C twice stops running trials at once and gives them back without charge")
    func interruptTwice() async throws {
        try await Sandbox.use { sandbox in
            let run = try sandbox.server("run", try sandbox.gatedExperiment(trials: 6), "--workers", "2")
            let held = try await sandbox.gate.next(2)
            run.signal(SIGINT)
            try await run.waitForLine(containing: "lets running trials finish")
            run.signal(SIGINT)
            // Shorter than the drain time-out of a minute, which would end the trials as well.
            #expect(try await run.waitForExit(timeout: .seconds(45)) == .exited(2))
            for trial in held { try await ProcessEnd.wait(for: trial.pid, "a stopped trial") }

            let trials = try await sandbox.trials()
            for number in held.map(\.trial) {
                let trial = try #require(trials.first { $0.trial == number })
                #expect(trial.state == "new")
                #expect(trial.causes == ["drained"])
            }
            try sandbox.gate.open()
            let resumed = try await sandbox.client("run", "--resume", "last", "--workers", "2")
            #expect(resumed.ending == .exited(0), "\(resumed.story)")
            try sandbox.expectEachTrialDoneOnce(try await sandbox.trials(), count: 6)
        }
    }

    @Test("cancel from elsewhere stops running trials, drops new ones, and the run exits with 2")
    func cancel() async throws {
        try await Sandbox.use { sandbox in
            let run = try sandbox.server("run", try sandbox.gatedExperiment(trials: 20), "--workers", "2")
            _ = try await sandbox.gate.next(2)
            try await sandbox.gate.advance(2)
            let cancel = try await sandbox.client("cancel", "last")
            #expect(cancel.ending == .exited(0), "\(cancel.story)")
            #expect(try await sandbox.finish(run).ending == .exited(2), "\(run.story)")
            for trial in try sandbox.gate.journal() { try await ProcessEnd.wait(for: trial.pid, "a cancelled trial") }
            #expect(sandbox.processes().isEmpty, "mongod or a worker outlived the run")

            let status = try await sandbox.status()
            #expect(status.state == "cancelled")
            #expect(status.reason == "user")
            let trials = try await sandbox.trials()
            #expect(trials.filter { $0.state == "done" }.count == 2)
            #expect(trials.filter { $0.state == "cancelled" && $0.causes == ["cancelled"] }.count == 2)
            #expect(trials.allSatisfy { ["done", "cancelled"].contains($0.state) })
        }
    }

    @Test("kill -9 of the run: its workers finish what they run and leave, mongod with them; --resume goes on")
    func killedRun() async throws {
        try await Sandbox.use { sandbox in
            let run = try sandbox.server("run", try sandbox.gatedExperiment(trials: 8), "--workers", "2")
            let held = try await sandbox.gate.next(2)
            let mongod = try sandbox.endpoint().pid
            try await run.killHard()
            try sandbox.gate.release(2)
            for worker in Set(held.map(\.worker)) { try await ProcessEnd.wait(for: worker, "a worker of a killed run") }
            // Nobody holds its outputs any more.
            try await run.waitForSilence()
            try await ProcessEnd.wait(for: mongod, "the mongod of a killed run")

            try sandbox.gate.open()
            let resumed = try await sandbox.client("run", "--resume", "last", "--workers", "2")
            #expect(resumed.ending == .exited(0), "\(resumed.story)")
            let trials = try await sandbox.trials()
            try sandbox.expectEachTrialDoneOnce(trials, count: 8)
            // A worker may have claimed one more before it learned that the run is gone, and given it back.
            #expect(trials.allSatisfy { $0.causes.filter { $0 != "drained" } == ["succeeded"] })
        }
    }
}
