import Execution
import ExperimentModel
import SearchSpace
import Testing

@testable import TerminalView

@Suite("Report at the end")
struct EndReportTests {
    private func report(
        _ trials: [Trial],
        _ state: ExperimentState = .completed,
        files: EndReport.Material.Files = .unknown,
        change: (inout Experiment) -> Void = { _ in }
    ) throws -> [String] {
        var experiment = try Pictures.experiment(state)
        experiment.ending = ExperimentEnding(state: state, reason: .maxTrials)
        change(&experiment)
        let material = EndReport.Material(experiment: experiment, trials: trials, files: files)
        return EndReport.lines(material, width: 79, style: Pictures.plain)
    }

    @Test("the result comes first in its old form, then its course, and how to go on")
    func success() throws {
        let lines = try report([try Pictures.done(1, 0.5), try Pictures.done(2, 0.25), try Pictures.done(3, 0.25)])
        #expect(
            lines.prefix(3) == ["completed (max_trials), 3 trials: 3 done", "best trial 2: loss=0.25", "  x = 0.002"]
        )
        #expect(lines[4] == "best loss so far (minimize)")
        #expect(
            lines.suffix(5) == [
                "rerun best  cd /tmp && true --x=0.002",
                "its output  hyperserver logs es0000001 2",
                "its files   if any, on node in es0000001/2-1/output of the worker's --workdir",
                "all trials  hyperserver trials es0000001",
                "go on       hyperserver set es0000001 max_trials=+20",
            ]
        )
    }

    @Test("one value makes no chart; files are named where they are, or not at all")
    func single() throws {
        let here = try report([try Pictures.done(1, 0.5)], files: .here("/tmp/x y"))
        #expect(!here.contains { $0.contains("so far") })
        #expect(here.contains("its files   /tmp/x y"))
        #expect(!(try report([try Pictures.done(1, 0.5)], files: .none).contains { $0.hasPrefix("its files") }))
    }

    @Test("the command to run again is that of `best --command`, where a line can hold it")
    func rerun() throws {
        let trial = try Pictures.done(1, 0.5)
        let short = try report([trial]) { $0.definition.workingDirectory = "/data/my runs" }
        let experiment = try Pictures.experiment()
        var definition = experiment.definition
        definition.workingDirectory = "/data/my runs"
        #expect(short.contains("rerun best  " + (try RerunCommand.line(definition, trial.assignment))))
        let long = try report([trial]) {
            $0.definition.command = .arguments(["python3", String(repeating: "x", count: 20_000)])
        }
        #expect(long.contains("rerun best  hyperserver best es0000001 --command"))
    }

    @Test("failures are counted by cause; the last words are shown once: here, unless the ending has them")
    func failures() throws {
        let failed = AttemptOutcome(
            cause: .failed,
            exitStatus: 1,
            message: "exit status 1",
            errorTail: "Boom\u{1B}[2J\nend"
        )
        let trials = [
            try Pictures.failed(1, failed), try Pictures.failed(2, AttemptOutcome(cause: .timedOut)),
            try Pictures.failed(3, failed),
        ]
        let alone = try report(trials)
        #expect(alone.contains("3 trials failed: 2 failed, 1 timed_out"))
        let start = try #require(alone.firstIndex(of: "trial 3: exit status 1"))
        #expect(alone[start + 1] == "  Boom?[2J" && alone[start + 2] == "  end")
        #expect(!alone.contains { $0.hasPrefix("rerun") })
        #expect(alone.contains("last failed hyperserver logs es0000001 3"))

        let told = try report(trials, .failed) {
            $0.ending = ExperimentEnding(state: .failed, reason: .failFast, message: "The first 3 trials all failed.")
        }
        #expect(told.first == "failed (fail_fast), 3 trials: 3 error")
        #expect(!told.contains { $0.contains("Boom") })
    }
}
