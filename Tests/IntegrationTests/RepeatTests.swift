import Foundation
import Testing

@Suite("Attempts that are repeated")
struct RepeatTests {
    private struct Charged: Decodable {
        struct Trial: Decodable {
            var trial: Int
            var charges: [String: Int]
            var notBefore: String?

            enum CodingKeys: String, CodingKey {
                case trial, charges
                case notBefore = "not_before"
            }
        }

        var trials: [Trial]
    }

    private struct Standing: Decodable {
        var failures: [String: Int]
        var retries: [String: Int]
    }

    @Test(
        "a failing trial is repeated after a wait as often as it may, is a dead letter then, and can be retried with all"
    )
    func failing() async throws {
        try await Sandbox.use { sandbox in
            try sandbox.file(
                "flaky.yaml",
                """
                name: flaky
                command: [sh, -c, 'echo "no luck with {x}" >&2; test $HYPER_ATTEMPT -gt {x} && echo "loss={x}"']
                search_space: {x: [0, 1, 2, 3, 7]}
                objective: {metric: loss, goal: maximize}
                sampler: grid
                fail_fast: false
                limits: {max_trials: 5}
                retries: {failed: 2}
                retry_delay: 200ms
                """
            )
            let run = try await sandbox.client("run", "flaky.yaml", "--workers", "2")
            #expect(run.ending == .exited(0) && run.output.contains("2 trials failed: 2 failed"), "\(run.story)")
            let trials = try await sandbox.trials()
            #expect(trials.map(\.state) == ["done", "done", "done", "error", "error"])
            #expect(trials.map(\.attempts.count) == [1, 2, 3, 3, 3])
            let list = try await sandbox.client("trials", "last", "--json")
            let charges = try Sandbox.decode(Charged.self, list).trials
            #expect(charges.map(\.charges) == [[:], ["failed": 1], ["failed": 2], ["failed": 2], ["failed": 2]])
            #expect(charges.allSatisfy { $0.notBefore == nil })
            let standing = try Sandbox.decode(Standing.self, try await sandbox.client("status", "last", "--json"))
            #expect(standing.failures == ["failed": 2] && standing.retries["failed"] == 2)

            let id = try await sandbox.status().experiment
            for (command, texts) in [
                (["trials", "last"], ["failed 2/2"]), (["trials", "last", "5"], ["2 of 2 failed repeats used"]),
                (["status", "last"], ["2 error (failed)", "trials \(id) --dead"]),
                (
                    ["events", "last", "3"],
                    ["repeat 1 of 2 for failed, after 0.2 s", "repeat 2 of 2 for failed, after 0.4 s"]
                ),
                (
                    ["trials", "last", "--dead"],
                    [
                        "2 trials failed: 2 failed", "trial 5: failed after 3 attempts, 2 of 2 failed repeats used",
                        "attempt 3 failed on", "no luck with 7", "hyperserver retry \(id) 4 5",
                    ]
                ),
            ] {
                let program = try await sandbox.finish(
                    try sandbox.start(command: [Sandbox.binaries + "/hyperserver"] + command)
                )
                for text in texts { #expect(program.output.contains(text), "\(text): \(program.story)") }
            }

            for wrong in [["--cause", "hunger"], ["--dead", "4"], []] {
                let command = [Sandbox.binaries + "/hyperserver", "retry", "last"] + wrong
                #expect(try await sandbox.finish(try sandbox.start(command: command)).ending == .exited(64))
            }
            let none = try await sandbox.client("retry", "last", "--cause", "lost,timed_out")
            #expect(none.ending == .exited(0) && none.output.contains("nothing is to be repeated"), "\(none.story)")
            let retried = try await sandbox.client("retry", "last", "--dead", "--json")
            #expect(try Sandbox.decode(Charged.self, retried).trials.map(\.trial) == [4, 5])
            let again = try await sandbox.client("run", "--resume", "last", "--workers", "2")
            #expect(again.ending == .exited(0), "\(again.story)")
            // Their attempts count on: the fourth of trial 4 succeeds, the sixth of trial 5 does not.
            let after = try await sandbox.trials()
            #expect(after.map(\.state) == ["done", "done", "done", "done", "error"])
            #expect(after.map(\.attempts.count) == [1, 2, 3, 4, 6])
        }
    }

    @Test(
        "a silent trial whose workers are killed one after the other is not given to a third, unless a person insists"
    )
    func poison() async throws {
        try await Sandbox.use(["HYPER_LEASE_SECONDS": "3"]) { sandbox in
            // As the gate's script, but without a word before it may go on.
            try sandbox.file(
                "silent.sh",
                """
                cd "$HYPER_TEST_SANDBOX" || exit 7
                echo "$HYPER_TRIAL_ID $HYPER_ATTEMPT $$ $HYPER_WORKER_ID" > started
                read -r line < go || exit 8
                echo "loss=1"
                """
            )
            try sandbox.file(
                "silent.yaml",
                """
                name: silent
                command: [sh, silent.sh]
                arguments: none
                search_space: {x: "uniform(0, 1)"}
                objective: {metric: loss, goal: minimize}
                sampler: random
                limits: {max_trials: 1}
                """
            )
            let server = try await sandbox.service()
            let id = try await sandbox.create("silent.yaml")
            var killed: [Int32] = []
            for attempt in 1...2 {
                let worker = try sandbox.worker()
                let start = try #require(try await sandbox.gate.next().first)
                #expect(start.attempt == attempt && start.worker == worker.pid)
                try await worker.killHard()
                killed.append(worker.pid)
            }
            try await server.waitForLine(containing: "is completed", timeout: TimeLimits.experiment)
            let poison = try #require(try await sandbox.trials(id).first)
            #expect(poison.state == "error" && poison.cause == "lost" && poison.causes == ["lost", "lost"])
            #expect(poison.attempts.compactMap(\.workerPID) == killed)
            let message = try #require(poison.attempts.last?.message)
            #expect(
                message.contains("2 workers vanished") && message.contains("hyperserver retry \(id) 1"),
                "\(message)"
            )

            let retried = try await sandbox.client("retry", id, "--cause", "lost")
            #expect(retried.output.contains("Trial 1 is new again"), "\(retried.story)")
            _ = try sandbox.worker()
            _ = try await sandbox.gate.next()
            // One for each reader that was left behind, should one still be there.
            try sandbox.gate.open()
            try await server.waitForLine(containing: "is completed", occurrence: 2, timeout: TimeLimits.experiment)
            #expect(try await sandbox.trials(id).first?.causes == ["lost", "lost", "succeeded"])
        }
    }
}
