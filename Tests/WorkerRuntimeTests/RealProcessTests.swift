import Coordination
import Execution
import ExperimentModel
import Foundation
import MemoryTrialStore
import SearchSpace
import Testing
import TuningTestKit

@testable import WorkerRuntime

@Suite("Worker runtime with real processes", .timeLimit(.minutes(10)))
struct RealProcessTests {
    private let bench = Bench()

    /// Runs one experiment to its end and removes what its processes left.
    private func run(_ limits: Limits, _ change: (inout ExperimentDefinition) -> Void) async throws -> ExperimentID {
        let directory = NSTemporaryDirectory() + "/worker-runtime-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let id = try await bench.create(limits) { definition in
            definition.workingDirectory = directory
            change(&definition)
        }
        let executor = try ProcessTrialExecutor(
            settings: .init(workDirectory: directory + "/work", host: "node"),
            inherited: ["PATH": "/usr/local/bin:/usr/bin:/bin"],
            logger: bench.logger
        )
        let bench = bench
        try await bench.withWorkers([bench.worker(executor)]) { try await bench.leader(id).run() }
        return id
    }

    @Test("inputs reach the command, named metrics are stored, and the best report is the value")
    func definition() async throws {
        let id = try await run(Limits(maxTrials: 2)) { definition in
            let script = "echo \"loss=$1 acc=$2 lr=9\"; echo loss=7; echo loss=nan"
            definition.command = .arguments(["sh", "-c", script, "t", "${{inputs.loss}}", "0.5", "{x}"])
            definition.inputs = ["loss": 3]
            definition.metrics = ["acc"]
            definition.objective.valueRule = .best
        }
        let trials = await bench.store.trials(of: id, .all)
        #expect(trials.count == 2)
        for trial in trials {
            #expect(trial.state == .done && trial.value == 3)
            let observations = await bench.store.observations(of: trial.id)
            #expect(observations.map(\.metric) == ["loss", "acc", "loss", "loss"])
            #expect(observations[1].value == 0.5)
        }
    }

    @Test("the grace of the definition stands between SIGTERM and SIGKILL of a time-out")
    func grace() async throws {
        let id = try await run(Limits(maxTrials: 1, trialTimeoutSeconds: 0.5, isFailFast: false)) { definition in
            definition.command = .shell("trap 'exit 3' TERM; while :; do sleep 0.05; done")
            definition.argumentStyle = .none
            definition.graceSeconds = 0
        }
        let trial = try #require(await bench.store.trials(of: id, .all).first)
        #expect(trial.cause == .timedOut)
        // With any grace the shell would have answered SIGTERM with its exit status.
        #expect(trial.attempts.first?.outcome?.signal == SIGKILL)
    }
}
