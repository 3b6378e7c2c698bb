import Foundation
import Testing

@Suite("Looking at what goes on: events, workers, logs, trials, status")
struct InspectionTests {
    private struct Event: Decodable {
        var kind: String
        var trial: Int?
        var cause: String?
    }

    private struct EventList: Decodable {
        var events: [Event]
    }

    private struct WorkerList: Decodable {
        struct Worker: Decodable {
            struct Held: Decodable {
                var experiment: String
                var trial: Int
            }
            var pid: Int32
            var state: String
            var busy: Int
            var trials: [Held]
        }
        var workers: [Worker]
    }

    @Test("what runs is seen from outside as it goes on, and afterwards")
    func following() async throws {
        try await Sandbox.use { sandbox in
            let none = try await sandbox.client("workers")
            #expect(none.output.contains("hyperworker --count"), "\(none.story)")
            let server = try await sandbox.service()
            let worker = try sandbox.worker("--count", "2")
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 3))
            _ = try await sandbox.gate.next(2)

            let one = try sandbox.server("logs", id, "1", "--follow")
            let all = try sandbox.server("logs", id, "--follow")
            let lines = try sandbox.server("logs", id, "-f", "--json", "--stream", "stdout")
            let events = try sandbox.server("events", id, "-f", "--json")
            try await one.waitForLine(containing: "begins")
            try await all.waitForLine(containing: "trial 1 | begins")
            try await all.waitForLine(containing: "trial 2 | begins")
            try await lines.waitForLine(containing: "\"line\":\"begins\"")
            try await events.waitForLine(containing: "\"kind\":\"claimed\"", occurrence: 2)

            let busy = try Sandbox.decode(WorkerList.self, try await sandbox.client("workers", "--json")).workers
            #expect(busy.map(\.pid) == [worker.pid] && busy.map(\.state) == ["live"] && busy.map(\.busy) == [2])
            #expect(busy.first?.trials.map(\.trial) == [1, 2])
            #expect(busy.first?.trials.allSatisfy { $0.experiment == id } == true)
            let status = try await sandbox.client("status", id)
            for text in ["leader", "1 live, 2 of 2 slots busy", "trial 1, attempt 1, for", "last events"] {
                #expect(status.output.contains(text), "\(status.story)")
            }
            // Ctrl-C ends a follower, with the status of an interruption, and nothing else.
            let left = try sandbox.server("logs", id, "-f")
            try await left.waitForLine(containing: "trial 1 | begins")
            left.signal(SIGINT)
            #expect(try await left.waitForExit() == .exited(2), "\(left.story)")

            _ = try await sandbox.client("pause", id)
            _ = try await sandbox.client("resume", id)
            try sandbox.gate.open()
            try await server.waitForLine(containing: "is completed")
            for program in [one, all, lines, events] {
                #expect(try await sandbox.finish(program).ending == .exited(0), "\(program.story)")
            }
            #expect(one.output.hasPrefix("begins\nloss=") && !one.output.contains("==>"), "\(one.story)")
            for number in 1...3 {
                #expect(all.output.contains("trial \(number) | loss="), "\(all.story)")
                #expect(
                    lines.output.contains("{\"trial\":\(number),\"attempt\":1,\"stream\":\"stdout\",\"line\":\"loss=")
                )
            }
            let tail = try await sandbox.client("logs", id, "1", "--tail", "1")
            #expect(tail.output.hasPrefix("loss="), "\(tail.story)")

            let listed = try await sandbox.client("events", id, "--json")
            let told = try Sandbox.decode(EventList.self, listed).events
            let followed = try events.output.split(separator: "\n").map {
                try JSONDecoder().decode(Event.self, from: Data($0.utf8)).kind
            }
            #expect(followed.sorted() == told.map(\.kind).sorted())
            #expect(told.first?.kind == "created" && told.last?.kind == "ended", "\(listed.story)")
            for kind in ["led", "paused", "resumed", "ending_decided"] {
                #expect(told.filter { $0.kind == kind }.count == 1, "\(kind): \(listed.story)")
            }
            #expect(told.filter { $0.cause == "succeeded" }.count == 3, "\(listed.story)")
            let last = try await sandbox.client("events", id, "--last", "1")
            #expect(last.output.contains("completed (max_trials)"), "\(last.story)")
            let second = try Sandbox.decode(
                EventList.self,
                try await sandbox.client("events", id, "2", "--json")
            )
            #expect(second.events.map(\.kind) == ["trial_created", "claimed", "attempt_ended"])
        }
    }

    @Test("finished trials are listed by state and value, one by one, as dead letters, and to be run again")
    func listing() async throws {
        try await Sandbox.use { sandbox in
            try sandbox.file(
                "some.yaml",
                """
                name: some
                command: [sh, -c, 'echo "says {x}" >&2; test {x} -gt 1 && echo "loss={x}"']
                search_space: {x: [3, 1, 2, 4]}
                objective: {metric: loss, goal: maximize}
                sampler: grid
                fail_fast: false
                limits: {max_trials: 4}
                """
            )
            _ = try await sandbox.client("run", "some.yaml", "--workers", "1")
            func numbers(_ arguments: String...) async throws -> [Int] {
                let command = [Sandbox.binaries + "/hyperserver", "trials", "last", "--json"] + arguments
                let program = try await sandbox.finish(try sandbox.start(command: command))
                return try Sandbox.decode(TrialList.self, program).trials.map(\.trial)
            }
            #expect(try await numbers("--best", "2") == [4, 1])
            #expect(try await numbers("--sort", "value") == [4, 1, 3, 2])
            #expect(try await numbers("--state", "error,new") == [2])
            #expect(try await numbers("--dead") == [2])
            let dead = try await sandbox.client("trials", "last", "--dead")
            #expect(dead.output.contains("says 1") && dead.output.contains("failed"), "\(dead.story)")
            let detail = try await sandbox.client("trials", "last", "2")
            for text in ["error (failed)", "attempt 1: failed", "exit     status 1", "stderr", "    says 1", "x = 1"] {
                #expect(detail.output.contains(text), "\(text): \(detail.story)")
            }
            for wrong in [["--state", "lost"], ["--best", "0"], ["--trial", "1", "--dead"]] {
                let command = [Sandbox.binaries + "/hyperserver", "trials", "last"] + wrong
                #expect(try await sandbox.finish(try sandbox.start(command: command)).ending == .exited(64))
            }
            let params = try await sandbox.client("best", "last", "--params")
            #expect(params.output == "{\"x\":4}\n", "\(params.story)")
            let again = try await sandbox.client("best", "last", "--command")
            let rerun = try await sandbox.finish(try sandbox.start(command: ["/bin/sh", "-c", again.output]))
            #expect(rerun.output == "loss=4\n", "\(again.story)\n\(rerun.story)")
            #expect(try await sandbox.client("list", "--state", "running").output.split(separator: "\n").count == 1)
            let list = try await sandbox.client("list", "--name", "some", "--state", "completed")
            #expect(list.output.split(separator: "\n").count == 2, "\(list.story)")
        }
    }
}
