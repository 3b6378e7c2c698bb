import Foundation
import Glibc
import Testing

@Suite("The grid sampler with real workers")
struct GridTests {
    /// Short, so that what the killed worker held comes back soon.
    private static let shortLease = ["HYPER_LEASE_SECONDS": "4"]
    private static let workers = 4

    /// Every point of choice(1, 2, 3) × choice(16, 32).
    private static let points = Set([1.0, 2, 3].flatMap { a in [16.0, 32].map { b in [a, b] } })

    /// Six points; a trial waits at the gate and reports the digits of both as one number: 116 for 1 and 16.
    private static func experiment(_ sandbox: Sandbox) throws -> String {
        try sandbox.file(
            "grid.yaml",
            """
            name: grid
            command: [sh, gate.sh, '{layers}{units}']
            search_space:
              layers: hp.choice('layers', [1, 2, 3])
              units: hp.choice('units', [16, 32])
            objective: {metric: loss, goal: minimize}
            sampler: grid
            limits: {max_trials: 100}
            """
        )
    }

    private static func point(_ trial: TrialRecord) -> [Double] {
        [trial.params["layers"]?.number ?? .nan, trial.params["units"]?.number ?? .nan]
    }

    @Test("six points, four workers, one killed while it holds a trial, a new server: each point counts once")
    func everyPointOnce() async throws {
        try await Sandbox.use(Self.shortLease) { sandbox in
            var server = try await sandbox.service()
            let workers = try (0..<Self.workers).map { _ in try sandbox.worker("--count", "1") }
            let id = try await sandbox.create(try Self.experiment(sandbox))
            // Four of the six points are held now, one by each worker.
            let held = try await sandbox.gate.next(Self.workers)
            #expect(Set(held.map(\.worker)) == Set(workers.map(\.pid)))
            #expect(Set(held.map(\.trial)).count == Self.workers)
            try await workers[0].killHard()
            let lost = try #require(held.first { $0.worker == workers[0].pid })

            server.signal(SIGTERM)
            #expect(try await sandbox.finish(server).ending == .exited(0), "\(server.story)")
            server = try await sandbox.service()
            try sandbox.gate.open()
            try await server.waitForLine(containing: "is completed", timeout: TimeLimits.experiment)

            let status = try await sandbox.status(id)
            #expect(status.state == "completed")
            #expect(status.reason == "space_exhausted")
            let trials = try await sandbox.trials(id)
            #expect(trials.map(\.trial) == Array(1...6))
            #expect(trials.map(Self.point).count == Self.points.count)
            #expect(Set(trials.map(Self.point)) == Self.points)
            for trial in trials {
                #expect(trial.state == "done")
                #expect(trial.causes.filter { $0 == "succeeded" }.count == 1, "trial \(trial.trial): \(trial.causes)")
                #expect(trial.causes.last == "succeeded", "trial \(trial.trial): \(trial.causes)")
                let point = Self.point(trial)
                #expect(trial.value == point[0] * 100 + point[1], "trial \(trial.trial)")
            }
            // The point of the killed worker was tried again as the same trial.
            let retried = try #require(trials.first { $0.trial == lost.trial })
            #expect(retried.attempts.first?.workerPID == workers[0].pid)
            #expect(retried.causes.first == "lost")
            #expect(retried.attempts.last?.workerPID != workers[0].pid)
        }
    }
}
