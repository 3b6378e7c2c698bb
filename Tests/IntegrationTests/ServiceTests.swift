import Foundation
import Glibc
import Testing

@Suite("hyperserver start with workers")
struct ServiceTests {
    /// Short, so that what a killed worker held comes back soon.
    private static let shortLease = ["HYPER_LEASE_SECONDS": "4"]

    @Test("two workers share the work of one experiment")
    func sharing() async throws {
        try await Sandbox.use { sandbox in
            let server = try await sandbox.service()
            let workers = [try sandbox.worker("--count", "2"), try sandbox.worker("--count", "2")]
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 16))
            // Four trials at once fill every slot of both.
            let first = try await sandbox.gate.next(4)
            #expect(Set(first.map(\.worker)) == Set(workers.map(\.pid)))
            try sandbox.gate.open()
            try await server.waitForLine(containing: "is completed")

            let trials = try await sandbox.trials(id)
            try sandbox.expectEachTrialDoneOnce(trials, count: 16)
            #expect(Set(trials.flatMap { $0.attempts.compactMap(\.workerPID) }) == Set(workers.map(\.pid)))
            for program in workers + [server] {
                program.signal(SIGTERM)
                #expect(try await sandbox.finish(program).ending == .exited(0), "\(program.story)")
            }
            #expect(sandbox.processes().isEmpty, "mongod outlived its users")
        }
    }

    @Test("kill -9 of a worker in the middle: its trials are run again, and each counts once")
    func killedWorker() async throws {
        try await Sandbox.use(Self.shortLease) { sandbox in
            let server = try await sandbox.service()
            let victim = try sandbox.worker("--count", "2")
            _ = try sandbox.worker("--count", "2")
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 40))
            _ = try await sandbox.gate.next(4)
            try await sandbox.gate.advance(12)
            // All four slots hold a trial now, two of them the victim's.
            try await victim.killHard()
            try sandbox.gate.open()
            try await server.waitForLine(containing: "is completed", timeout: TimeLimits.experiment)

            let trials = try await sandbox.trials(id)
            try sandbox.expectEachTrialDoneOnce(trials, count: 40)
            let charged = trials.filter { trial in
                trial.attempts.contains { $0.workerPID == victim.pid && $0.cause == "lost" }
            }
            // More only if a slow machine made it miss a renewal before.
            #expect(charged.count >= 2)
            for trial in charged { #expect(trial.attempts.last?.workerPID != victim.pid) }
        }
    }

    @Test("servers and workers that stop, die and start in several orders lose nothing")
    func restarts() async throws {
        try await Sandbox.use { sandbox in
            var server = try await sandbox.service()
            var worker = try sandbox.worker("--count", "2")
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 30))
            _ = try await sandbox.gate.next(2)
            try await sandbox.gate.advance(3)

            // The server leaves in order; the worker keeps the store up.
            server.signal(SIGTERM)
            #expect(try await sandbox.finish(server).ending == .exited(0), "\(server.story)")
            server = try await sandbox.service()
            try await sandbox.gate.advance(4)

            // The server dies; its successor takes its mongod over, and the lead once that has run out.
            let mongod = try sandbox.endpoint().pid
            try await server.killHard()
            server = try await sandbox.service()
            #expect(try sandbox.endpoint().pid == mongod)
            try await sandbox.gate.advance(4)

            // The worker drains: what it runs is finished and counts.
            worker = try await Self.replace(worker, sandbox)
            try await sandbox.gate.advance(3)

            // Everything stops, mongod too; the worker is back first and waits.
            try await Self.drain(worker, sandbox)
            server.signal(SIGTERM)
            #expect(try await sandbox.finish(server).ending == .exited(0), "\(server.story)")
            try await ProcessEnd.wait(for: mongod, "mongod without users")
            worker = try sandbox.worker("--count", "2")
            try await worker.waitForLine(containing: "waiting for a store")
            server = try await sandbox.service()
            _ = try await sandbox.gate.next(2)

            try sandbox.gate.open()
            try await server.waitForLine(containing: "is completed", timeout: TimeLimits.experiment)
            let trials = try await sandbox.trials(id)
            try sandbox.expectEachTrialDoneOnce(trials, count: 30)
            #expect(trials.allSatisfy { $0.attempts.count == 1 }, "nothing of this costs an attempt")
        }
    }

    private static func drain(_ worker: RunningProgram, _ sandbox: Sandbox) async throws {
        worker.signal(SIGTERM)
        try await worker.waitForLine(containing: "leaving: 2 trials")
        try sandbox.gate.release(2)
        #expect(try await sandbox.finish(worker).ending == .exited(0), "\(worker.story)")
    }

    private static func replace(_ worker: RunningProgram, _ sandbox: Sandbox) async throws -> RunningProgram {
        try await drain(worker, sandbox)
        let next = try sandbox.worker("--count", "2")
        _ = try await sandbox.gate.next(2)
        return next
    }

    @Test("kill -9 of mongod in the middle: the server starts it again and every trial counts once")
    func killedDatabase() async throws {
        try await Sandbox.use { sandbox in
            let server = try await sandbox.service()
            _ = try sandbox.worker("--count", "2")
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 16))
            _ = try await sandbox.gate.next(2)
            try await sandbox.gate.advance(4)
            let mongod = try sandbox.endpoint().pid
            kill(mongod, SIGKILL)
            try await ProcessEnd.wait(for: mongod, "a killed mongod")
            // The results of these two come while the store is away.
            try sandbox.gate.release(2)
            try await server.waitForLine(containing: "starting it again")
            try sandbox.gate.open()
            try await server.waitForLine(containing: "is completed", timeout: TimeLimits.experiment)

            try sandbox.expectEachTrialDoneOnce(try await sandbox.trials(id), count: 16)
            #expect(try sandbox.endpoint().pid != mongod)
        }
    }
}
