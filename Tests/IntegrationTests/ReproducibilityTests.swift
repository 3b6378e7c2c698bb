import Foundation
import Glibc
import Testing

@Suite("The same file and seed")
struct ReproducibilityTests {
    private static func file(_ sandbox: Sandbox) throws -> String {
        try sandbox.file(
            "same.yaml",
            """
            name: same
            command: [sh, gate.sh, '{x}']
            search_space:
              x: {type: float, min: 1e-5, max: 10, log: true}
              layers: {type: int, min: 1, max: 9}
              kernel: [rbf, poly, linear]
            objective: {metric: loss, goal: minimize}
            sampler: {type: random, seed: 20260101}
            limits: {max_trials: 12}
            """
        )
    }

    private static func parametersOfOneRun() async throws -> [[String: JSON]] {
        var parameters: [[String: JSON]] = []
        try await Sandbox.use { sandbox in
            try sandbox.gate.open()
            let run = try await sandbox.client("run", try file(sandbox), "--workers", "1")
            #expect(run.ending == .exited(0), "\(run.story)")
            parameters = try await sandbox.trials().map(\.params)
        }
        return parameters
    }

    @Test("give the same trials again, also across a restart of the server in the middle")
    func sameTrials() async throws {
        let first = try await Self.parametersOfOneRun()
        let second = try await Self.parametersOfOneRun()
        #expect(first.count == 12)
        #expect(Set(first).count == 12, "the trials differ from each other")
        #expect(first == second)

        try await Sandbox.use { sandbox in
            var server = try await sandbox.service()
            _ = try sandbox.worker("--count", "1")
            let id = try await sandbox.create(try Self.file(sandbox))
            _ = try await sandbox.gate.next()
            try await sandbox.gate.advance(4)
            server.signal(SIGTERM)
            #expect(try await sandbox.finish(server).ending == .exited(0), "\(server.story)")
            server = try await sandbox.service()
            try sandbox.gate.open()
            try await server.waitForLine(containing: "is completed")
            #expect(try await sandbox.trials(id).map(\.params) == first)
        }
    }
}
