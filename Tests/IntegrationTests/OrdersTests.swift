import Foundation
import Glibc
import Testing

@Suite("What workers and running trials are told")
struct OrdersTests {
    private struct WorkerList: Decodable {
        struct Worker: Decodable {
            var pid: pid_t
            var state: String
        }
        var workers: [Worker]
    }

    private static let oneTrial = """
        name: one
        command: [sh, -c, "echo loss={x}"]
        search_space: {x: "uniform(0, 1)"}
        objective: {metric: loss, goal: minimize}
        limits: {max_trials: 1}
        """

    private func states(_ program: RunningProgram) throws -> [pid_t: String] {
        let workers = try Sandbox.decode(WorkerList.self, program).workers
        return Dictionary(uniqueKeysWithValues: workers.map { ($0.pid, $0.state) })
    }

    @Test("drained workers finish what they run, or give it back without charge, claim nothing more, and exit with 0")
    func drain() async throws {
        try await Sandbox.use { sandbox in
            let host = ProcessInfo.processInfo.hostName
            _ = try await sandbox.service()
            let leaving = try sandbox.worker("--count", "1", "--drain-timeout", "600")
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 4))
            #expect(try await sandbox.gate.next().map(\.worker) == [leaving.pid])

            let drain = try await sandbox.client("drain", "\(host):\(leaving.pid)", "--json")
            #expect(try states(drain) == [leaving.pid: "draining"], "\(drain.story)")
            try await leaving.waitForLine(containing: "leaving: 1 trials")
            #expect(try states(try await sandbox.client("workers", "--json")) == [leaving.pid: "draining"])
            let impatient = try sandbox.worker("--count", "1", "--drain-timeout", "0.1")
            // The first one holds trial 1, so the second gets trial 2; nobody else claims.
            #expect(try await sandbox.gate.next().map(\.worker) == [impatient.pid])
            // It is known to the store when it has run a trial.
            let one = try await sandbox.create(try sandbox.file("one.yaml", Self.oneTrial))
            let idle = try sandbox.worker("--count", "1", "--experiment", one)
            #expect(try await sandbox.client("watch", one, "--json").ending == .exited(0))

            // A host's name means all of its workers, those that are leaving too.
            let host1 = try await sandbox.client("drain", host)
            #expect(host1.ending == .exited(0), "\(host1.story)")
            #expect(host1.output.contains("it runs nothing") && host1.output.contains("1 trial: "), "\(host1.story)")
            for worker in [idle, impatient] {
                #expect(try await sandbox.finish(worker).ending == .exited(0), "\(worker.story)")
            }
            try sandbox.gate.release()
            #expect(try await sandbox.finish(leaving).ending == .exited(0), "\(leaving.story)")
            #expect(try states(try await sandbox.client("workers", "--json")).isEmpty)

            let trials = try await sandbox.trials(id)
            #expect(trials.prefix(2).map(\.state) == ["done", "new"])
            #expect(trials.prefix(2).map(\.causes) == [["succeeded"], ["drained"]])
            #expect(trials.dropFirst(2).allSatisfy { $0.state == "new" && $0.attempts.isEmpty })
            let nobody = try await sandbox.client("drain", "\(host):\(leaving.pid)")
            #expect(nobody.ending == .exited(1) && nobody.errors.contains("There is no worker"), "\(nobody.story)")
        }
    }

    @Test("a time-out that is set while a trial runs ends it, or lets it run on")
    func timeout() async throws {
        try await Sandbox.use { sandbox in
            let server = try await sandbox.service()
            _ = try sandbox.worker("--count", "2")
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 4))
            _ = try await sandbox.gate.next(2)
            let short = try await sandbox.client("set", id, "trial_timeout=0.1s", "fail_fast=false")
            #expect(short.ending == .exited(0), "\(short.story)")
            // The first two are over their time, and so will the others be.
            _ = try await sandbox.gate.next(2)
            try await server.waitForLine(containing: "is completed")
            let trials = try await sandbox.trials(id)
            #expect(trials.map(\.cause) == ["timed_out", "timed_out", "timed_out", "timed_out"])
            #expect(trials.allSatisfy { $0.attempts.count == 1 })
        }
    }
}
