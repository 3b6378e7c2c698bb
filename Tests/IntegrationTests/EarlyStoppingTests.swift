import Foundation
import Glibc
import Testing

@Suite("Trials that are stopped early")
struct EarlyStoppingTests {
    /// The best trial reports at once and waits for a file; the others wait at the gate and then report until they are
    /// stopped: what the best reported may still be on its way.
    private static let script = """
        cd "$HYPER_TEST_SANDBOX" || exit 7
        echo "$HYPER_TRIAL_ID $HYPER_ATTEMPT $$ $HYPER_WORKER_ID" > started
        if [ "$1" = 0.1 ]; then
            count=0
            while [ $count -lt 200 ]; do echo "loss=$1"; count=$((count + 1)); done
            while [ ! -e enough ]; do sleep 0.05; done
            exit 0
        fi
        read -r line < go || exit 8
        while :; do echo "loss=$1"; sleep 0.1; done
        """

    private static let experiment = """
        name: stopping
        command: [sh, curve.sh, '{x}']
        search_space: {x: 'uniform(0, 1)'}
        objective: {metric: loss, goal: minimize}
        sampler: random
        early_termination: {type: bandit, slack_amount: 0.2}
        limits: {max_trials: 3}
        initial: [{x: 0.1}, {x: 0.8}, {x: 0.9}]
        """

    private struct EventList: Decodable {
        struct Event: Decodable, Hashable {
            var at: String
            var kind: String
            var trial: Int?
            var value: Double?
            var message: String?
        }
        var events: [Event]
    }

    private func stops(_ sandbox: Sandbox, _ id: String) async throws -> [EventList.Event] {
        let program = try await sandbox.client("events", id, "--json")
        return try Sandbox.decode(EventList.self, program).events.filter { $0.kind == "stopped_early" }
    }

    @Test(
        "a poor one makes room for the next soon after its report, also when the leader is killed before the next is judged"
    )
    func takeover() async throws {
        try await Sandbox.use { sandbox in
            try sandbox.file("curve.sh", Self.script)
            let first = try await sandbox.service()
            _ = try sandbox.worker("--count", "2")
            let id = try await sandbox.create(try sandbox.file("stopping.yaml", Self.experiment))
            let follower = try sandbox.server("events", id, "--follow", "--json")
            #expect(Set(try await sandbox.gate.next(2).map(\.trial)) == [1, 2])
            try sandbox.gate.release()
            try await follower.waitForLine(containing: "\"kind\":\"stopped_early\"")
            // Its slot goes to the next one.
            #expect(try await sandbox.gate.next().map(\.trial) == [3])
            let before = try await stops(sandbox, id)
            #expect(before.map(\.trial) == [2] && before.map(\.value) == [0.8])
            #expect(before.allSatisfy { $0.message?.contains("bandit with slack amount 0.2 of 0.1") == true })

            first.signal(SIGKILL)
            try await first.waitForExit()
            // It reports while nobody leads; whoever comes next knows the best only from what is stored.
            try sandbox.gate.release()
            _ = try await sandbox.service()
            try await follower.waitForLine(containing: "\"kind\":\"stopped_early\"", occurrence: 2)
            try sandbox.file("enough", "")
            let watch = try await sandbox.client("watch", id, "--json")
            #expect(watch.ending == .exited(0), "\(watch.story)")

            let after = try await stops(sandbox, id)
            #expect(after.map(\.trial) == [2, 3] && after.first == before.first)
            #expect(after.last?.message?.contains("bandit with slack amount 0.2 of 0.1") == true)
            let trials = try await sandbox.trials(id)
            #expect(trials.map(\.state) == ["done", "done", "done"])
            #expect(trials.map(\.causes) == [["succeeded"], ["stopped_early"], ["stopped_early"]])
            #expect(trials.map(\.value) == [0.1, 0.8, 0.9])
        }
    }
}
