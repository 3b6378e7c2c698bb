import CommandLineSupport
import Coordination
import Execution
import ExperimentModel
import Foundation
import TerminalView

/// The end of an experiment as `run` and `watch` tell it.
enum ExperimentReport {
    /// Prints the report of an experiment that has ended.
    /// - Parameter isOurRun: its workers were children of this process, so their directory is known.
    static func print(_ experiment: Experiment, _ store: any TrialStore, isOurRun: Bool) async throws {
        let trials = try await store.trials(of: experiment.id, .all)
        var material = EndReport.Material(experiment: experiment, trials: trials)
        if let best = material.best { material.files = files(of: best, isOurRun: isOurRun) }
        for line in EndReport.lines(material, width: LiveOutput.width, style: LiveOutput.style) { Console.print(line) }
    }

    /// The exit status of an end. - Throws: ``ProgramFailure`` for every end that is not a success.
    static func check(_ experiment: Experiment, best: Trial?) throws {
        switch experiment.state {
        case .failed: throw ProgramFailure(.failed, experiment.ending?.message ?? "the experiment failed")
        case .cancelled: throw ProgramFailure(.interrupted)
        case _ where best == nil:
            throw ProgramFailure(
                .failed,
                "no trial succeeded; `hyperserver trials \(experiment.id)` and `hyperserver logs \(experiment.id)` tell more"
            )
        default: break
        }
    }

    /// What the accepted attempt left; known if its worker ran on this machine with the usual directory.
    private static func files(of trial: Trial, isOurRun: Bool) -> EndReport.Material.Files {
        guard let attempt = trial.attempts.last, attempt.host == ProcessInfo.processInfo.hostName,
            let root = WorkDirectory.path(flag: nil, environment: CommonOptions.environment),
            let directory = try? AttemptDirectory(root: root, trial: trial.id, attempt: attempt.number)
        else { return .unknown }
        if FileManager.default.fileExists(atPath: directory.outputDirectory) { return .here(directory.outputDirectory) }
        return isOurRun ? .none : .unknown
    }
}
