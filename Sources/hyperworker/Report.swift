import ArgumentParser
import CommandLineSupport
import Execution
import Foundation

/// `hyperworker report NAME=VALUE… [step=N]`
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Reports metrics from inside a trial.",
        usage: "hyperworker report <name=value> ... [step=<n>]",
        discussion: """
            EXAMPLES
              hyperworker report accuracy=0.93
              hyperworker report loss=0.25 accuracy=.91 step=4
              hyperworker report "val loss=$(tail -n 1 loss.txt)"

            Appends one line to the file that $HYPER_METRICS_FILE names, which the worker gives each trial; processes of a trial \
            may report at the same time. Only the objective and the names under `metrics` of the experiment count. Exit status: \
            0 when the line was written, 64 outside of a trial or for a value that is no number, 1 when it could not be written.
            """
    )

    /// The variable that names the file.
    private static let variable = "HYPER_METRICS_FILE"

    @Argument(help: ArgumentHelp("Metrics with their values, and the step.", valueName: "name=value"))
    var reports: [String] = []

    func run() throws {
        do {
            let line = try MetricsFileLine(arguments: reports)
            guard let path = ProcessInfo.processInfo.environment[Self.variable], !path.isEmpty else {
                throw ProgramFailure(
                    .usage,
                    "This is not a trial: $\(Self.variable) is not set. A trial finds it in its environment; to "
                        + "try this by hand, set it to the path of a file."
                )
            }
            try line.append(to: path)
        } catch let error as MetricsFileError {
            throw ProgramFailure(error.isUsage ? .usage : .failed, error.description)
        }
    }
}
