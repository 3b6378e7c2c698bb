import Foundation
import Testing

@Suite("Steering an experiment: pause, resume, set, enqueue, retry")
struct SteeringTests {
    @Test("a paused experiment lets running trials finish and starts no other, until it is resumed")
    func pausing() async throws {
        try await Sandbox.use { sandbox in
            let server = try await sandbox.service()
            let first = try sandbox.worker("--count", "1")
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 3))
            _ = try await sandbox.gate.next()
            let pause = try await sandbox.client("pause", id)
            #expect(pause.ending == .exited(0), "\(pause.story)")
            #expect(pause.output.contains("1 running trial finishes"), "\(pause.story)")
            first.signal(SIGTERM)
            try await first.waitForLine(containing: "leaving: 1 trials")
            try sandbox.gate.release()
            #expect(try await sandbox.finish(first).ending == .exited(0), "\(first.story)")

            // New trials wait, yet a worker finds nothing to do.
            let idle = try sandbox.worker("--exit-when-idle=1")
            #expect(try await sandbox.finish(idle).ending == .exited(0), "\(idle.story)")
            #expect(try sandbox.gate.journal().count == 1)
            #expect(try await sandbox.status(id).state == "paused")

            try sandbox.gate.open()
            let resume = try await sandbox.client("resume", id, "--json")
            #expect(resume.output == "{\"experiment\":\"\(id)\",\"state\":\"running\"}\n", "\(resume.story)")
            _ = try sandbox.worker("--count", "1")
            try await server.waitForLine(containing: "is completed")
            try sandbox.expectEachTrialDoneOnce(try await sandbox.trials(id), count: 3)
            let late = try await sandbox.client("pause", id)
            #expect(late.ending == .exited(1), "\(late.story)")
        }
    }

    @Test("failed trials are retried and limits raised after the end; the trials that count keep their numbers")
    func reopening() async throws {
        try await Sandbox.use { sandbox in
            try sandbox.file("broken", "")
            try sandbox.file(
                "reopened.yaml",
                """
                command: [sh, -c, 'test ! -e broken && echo "loss={x}"']
                search_space: {x: [3, 2, 1, 0]}
                objective: {metric: loss, goal: minimize}
                sampler: grid
                fail_fast: false
                limits: {max_trials: 2}
                """
            )
            _ = try await sandbox.client("run", "reopened.yaml", "--workers", "1")
            #expect(try await sandbox.trials().map(\.state) == ["error", "error"])

            try FileManager.default.removeItem(atPath: sandbox.directory + "/broken")
            let retry = try await sandbox.client("retry", "last", "2")
            #expect(retry.ending == .exited(0), "\(retry.story)")
            #expect(retry.output.contains("run --resume"), "\(retry.story)")
            let again = try await sandbox.client("run", "--resume", "last", "--workers", "1")
            #expect(again.ending == .exited(0), "\(again.story)")
            #expect(try await sandbox.trials().map(\.causes) == [["failed"], ["failed", "succeeded"]])

            let raised = try await sandbox.client("set", "last", "max_trials=+2")
            #expect(raised.output.contains("open again") && raised.output.contains("max_trials = 4"), "\(raised.story)")
            _ = try await sandbox.client("run", "--resume", "last", "--workers", "1")
            let trials = try await sandbox.trials()
            #expect(trials.map(\.state) == ["error", "done", "done", "done"])
            #expect(trials.map { $0.params["x"]?.number } == [3, 2, 1, 0])

            let done = try await sandbox.client("retry", "last", "2", "9")
            #expect(done.ending == .exited(1), "\(done.story)")
            #expect(done.errors.contains("Trial 2 is done") && done.errors.contains("no trial 9"), "\(done.story)")
        }
    }

    @Test("initial points come first, an enqueued point next, and only then the sampler's")
    func givenPoints() async throws {
        try await Sandbox.use { sandbox in
            let server = try await sandbox.service()
            try sandbox.file(
                "given.yaml",
                """
                command: [sh, gate.sh, '{x}']
                search_space:
                  x: {type: uniform, low: -5, high: 5}
                  y: {type: choice, options: [{kind: a}, {kind: b, z: "uniform(0, 1)"}]}
                objective: {metric: loss, goal: minimize}
                sampler: {type: random, seed: 3}
                limits: {max_trials: 4, max_concurrent_trials: 1}
                initial: [{x: 1, y: {kind: b, z: 0.25}}, {x: 2}]
                """
            )
            let id = try await sandbox.create("given.yaml")
            for bad in ["x=9", "nothing=1", "x=soon", "x"] {
                let refused = try await sandbox.client("enqueue", id, bad)
                #expect(refused.ending == .exited(64), "\(refused.story)")
            }
            let added = try await sandbox.client("enqueue", id, "x=3", "y.kind=b")
            #expect(added.ending == .exited(0), "\(added.story)")
            _ = try sandbox.worker("--count", "1")
            try sandbox.gate.open()
            try await server.waitForLine(containing: "is completed")
            let trials = try await sandbox.trials(id)
            #expect(trials.map(\.origin).prefix(2) == ["initial:0", "initial:1"])
            #expect(trials.map { $0.origin.prefix(9) }.suffix(2) == ["enqueued:", "sampler"])
            #expect(trials.map(\.value).prefix(3) == [1, 2, 3])
            #expect(trials.first?.params["y"] == .mapping(["kind": .string("b"), "z": .number(0.25)]))
            guard case .mapping(let drawn) = trials[2].params["y"] else {
                Issue.record("trial 3 has no y: \(trials[2])")
                return
            }
            #expect(drawn["kind"] == .string("b") && drawn["z"] != nil)
        }
    }

    @Test("a value as good as goal_value ends the experiment")
    func goal() async throws {
        try await Sandbox.use { sandbox in
            try sandbox.file(
                "goal.yaml",
                """
                command: [sh, -c, 'echo "score={x}"']
                search_space: {x: [1, 5, 7, 9, 11, 13]}
                objective: {metric: score, goal: maximize, goal_value: 7}
                sampler: grid
                limits: {max_trials: 6, max_concurrent_trials: 1}
                """
            )
            let run = try await sandbox.client("run", "goal.yaml", "--workers", "1")
            #expect(run.ending == .exited(0), "\(run.story)")
            let end = try await sandbox.status()
            #expect(end.state == "completed" && end.reason == "goal_reached")
            #expect(end.best?.value == 7)
            #expect(try await sandbox.trials().filter { $0.state == "done" }.count == 3)
        }
    }

    @Test("max_duration cancels what runs")
    func duration() async throws {
        try await Sandbox.use { sandbox in
            let server = try await sandbox.service()
            _ = try sandbox.worker("--count", "1")
            try sandbox.file(
                "short.yaml",
                """
                command: [sh, gate.sh, '{x}']
                search_space: {x: "uniform(-5, 5)"}
                objective: {metric: loss, goal: minimize}
                limits: {max_duration: 1s}
                """
            )
            let id = try await sandbox.create("short.yaml")
            // The trial is never let go: only the limit can end it.
            _ = try await sandbox.gate.next()
            try await server.waitForLine(containing: "is completed")
            let end = try await sandbox.status(id)
            #expect(end.reason == "max_duration")
            let trials = try await sandbox.trials(id)
            #expect(trials.first?.state == "cancelled")
            #expect(trials.allSatisfy { $0.state == "cancelled" })
        }
    }
}
