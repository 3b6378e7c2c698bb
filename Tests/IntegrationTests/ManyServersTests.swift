import Foundation
import Glibc
import Testing

@Suite("Several servers on one store")
struct ManyServersTests {
    /// An experiment whose trials wait at the gate, or the same one whose trials do not.
    private static func experiment(_ sandbox: Sandbox, _ sampler: Sampler, isGated: Bool) throws -> String {
        let name = "\(sampler.name)-\(isGated ? "gated" : "free")"
        let command = isGated ? "[sh, gate.sh, '{x}']" : "[sh, -c, 'echo \"loss=$1\"', sh, '{x}']"
        return try sandbox.file(
            "\(name).yaml",
            """
            name: \(name)
            command: \(command)
            search_space:
              x: \(sampler.parameter)
              k: [a, b, c]
            objective: {metric: loss, goal: minimize}
            sampler: \(sampler.text)
            limits: {max_trials: \(sampler.maxTrials)}
            """
        )
    }

    private struct Sampler {
        var name: String
        var text: String
        var parameter: String
        var maxTrials: Int
        var trials: Int
    }

    private static let samplers = [
        // It looks at results from trial 21 on.
        Sampler(
            name: "tpe",
            text: "{type: tpe-hyperopt, seed: 4}",
            parameter: "{type: float, min: -5, max: 5}",
            maxTrials: 26,
            trials: 26
        ),
        Sampler(name: "grid", text: "grid", parameter: "{type: int, min: 1, max: 4}", maxTrials: 100, trials: 12),
    ]

    private struct EventList: Decodable {
        struct Event: Decodable {
            var kind: String
            var worker: String?
        }
        var events: [Event]
    }

    private struct Status: Decodable { var state: String }

    /// Processes of the servers that led an experiment, in order.
    private func leaders(_ sandbox: Sandbox, _ id: String) async throws -> [pid_t] {
        let program = try await sandbox.client("events", id, "--json")
        return try Sandbox.decode(EventList.self, program).events.filter { $0.kind == "led" }.map { event in
            let process = (event.worker ?? "").split(separator: ":").dropLast().last
            return try #require(process.flatMap { pid_t($0) })
        }
    }

    @Test("that are killed or stopped one after the other make the trials that one alone makes, none twice")
    func takeovers() async throws {
        try await Sandbox.use { sandbox in
            let first = try await sandbox.service()
            _ = try sandbox.worker("--count", "1")
            var expected: [[[String: JSON]]] = []
            for sampler in Self.samplers {
                let id = try await sandbox.create(try Self.experiment(sandbox, sampler, isGated: false))
                try await first.waitForLine(containing: "is completed", occurrence: expected.count + 1)
                expected.append(try await sandbox.trials(id).map(\.params))
                #expect(expected.last?.count == sampler.trials)
            }

            var servers = [first, try await sandbox.service(), try await sandbox.service()]
            let all = Set(servers.map(\.pid))
            var ids: [String] = []
            for sampler in Self.samplers {
                ids.append(try await sandbox.create(try Self.experiment(sandbox, sampler, isGated: true)))
            }
            // One slot for both: each learns of a result before its next trial is made.
            _ = try await sandbox.gate.next()
            // The second end comes when the grid is done and the other one learns.
            for (signal, advance) in [(SIGKILL, 14), (SIGTERM, 20)] {
                try await sandbox.gate.advance(advance)
                try await end(signal, &servers, ids, sandbox)
            }
            let last = try #require(servers.first)
            let listed = try await sandbox.client("list")
            #expect(listed.output.contains(":\(last.pid)"), "\(listed.story)")
            try sandbox.gate.open()
            for (id, params) in zip(ids, expected) {
                let watch = try await sandbox.client("watch", id, "--json")
                #expect(watch.ending == .exited(0), "\(watch.story)")
                let trials = try await sandbox.trials(id)
                #expect(trials.map(\.params) == params)
                #expect(trials.allSatisfy { $0.state == "done" && $0.attempts.count == 1 })
                #expect(Set(try await leaders(sandbox, id)).isSubset(of: all))
            }
            let order = try await leaders(sandbox, ids[0])
            #expect(order.count >= 3 && order.last == last.pid)
        }
    }

    /// Ends the server that leads the first experiment, and waits until others lead what it led.
    private func end(
        _ signal: Int32,
        _ servers: inout [RunningProgram],
        _ ids: [String],
        _ sandbox: Sandbox
    ) async throws {
        let leading = try await leaders(sandbox, ids[0]).last
        let victim = try #require(servers.first { $0.pid == leading })
        servers.removeAll { $0 === victim }
        var waits: [(program: RunningProgram, known: Int)] = []
        for id in ids {
            let known = try await leaders(sandbox, id)
            guard known.last == victim.pid else { continue }
            // What has ended gets no further leader: the grid is done well before the second end.
            let status = try await sandbox.client("status", id, "--json")
            if try Sandbox.decode(Status.self, status).state == "completed" { continue }
            let program = try sandbox.server("events", id, "--follow", "--json")
            waits.append((program, known.count))
        }
        victim.signal(signal)
        let ending = try await victim.waitForExit()
        #expect(ending == (signal == SIGKILL ? .signalled(SIGKILL) : .exited(0)), "\(victim.story)")
        for (program, known) in waits {
            try await program.waitForLine(containing: "\"kind\":\"led\"", occurrence: known + 1)
            program.signal(SIGINT)
            try await program.waitForExit()
        }
    }
}
