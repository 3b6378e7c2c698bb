import Foundation
import Testing

@Suite("Metrics from scripts that know nothing of us")
struct MetricChannelTests {
    @Test("patterns of the file find them, and hyperworker report is found in every trial")
    func patternsAndReports() async throws {
        try await Sandbox.use { sandbox in
            let file = try sandbox.file(
                "channels.yaml",
                """
                name: channels
                command: |
                  echo "INFO epoch 3 done, val_acc={x}."
                  hyperworker report 'f1 score={x}' step=2 && hyperworker report 'f1 score=nan'
                  hyperworker report loss=high; echo "status $?"
                  env -u HYPER_METRICS_FILE hyperworker report loss=1; echo "status $?"
                search_space: {x: [0.25, 0.5]}
                objective: {metric: accuracy, goal: maximize}
                metrics: [f1 score]
                metrics_pattern: 'epoch (?P<step>\\d+) .*val_acc=(?P<accuracy>[\\d.]+)'
                sampler: grid
                limits: {max_trials: 2}
                """
            )
            // A worker that finds itself by its path alone, as after a fresh installation.
            let run = try await sandbox.client("run", file, "--workers", "1", environment: ["PATH": "/usr/bin:/bin"])
            #expect(run.ending == .exited(0), "\(run.story)")
            let trials = try await sandbox.trials()
            #expect(trials.map(\.value) == [0.25, 0.5])
            #expect(trials.allSatisfy { $0.state == "done" })
            let log = try await sandbox.client("logs", "last", "1")
            #expect(log.output.components(separatedBy: "status 64").count == 3, "\(log.story)")
            #expect(log.story.contains("The value of \"loss\" is no number: \"high\""), "\(log.story)")
            #expect(log.story.contains("This is not a trial"), "\(log.story)")
            let exported = try await sandbox.client("export", "last", "--format", "yaml")
            #expect(exported.output.contains("metrics_pattern: ["), "\(exported.story)")
        }
    }
}
