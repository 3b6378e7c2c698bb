import ArgumentParser
import CommandLineSupport
import ExperimentModel
import Foundation

/// The workers that `hyperserver run` starts, and what they are told.
struct RunWorkers: ParsableArguments {
    @Option(help: "Worker processes of one slot each (default: half the cores).")
    var workers: Int?

    @Option(
        help: ArgumentHelp(
            "What the workers run trials in that name a container: podman, docker or process. Also HYPER_RUNTIME.",
            valueName: "runtime"
        ),
        completion: .list(TrialRuntime.allCases.map(\.rawValue))
    )
    var runtime: String?

    @Option(
        help: ArgumentHelp("A label of the workers, for a file with `requires`; repeatable.", valueName: "name=value")
    )
    var label: [String] = []

    @Option(
        help: ArgumentHelp("File of NAME=value lines with what secret_env and registry_auth name.", valueName: "file"),
        completion: .file()
    )
    var secrets: String?

    @Option(help: ArgumentHelp("GPUs that the workers share out: numbers, ids, or all.", valueName: "list"))
    var gpus: String?

    @Option(help: "GPUs of each trial, with --gpus (default: 1).")
    var gpusPerTrial: Int?

    /// Most workers that one run starts.
    static let largestCount = 512

    func validate() throws {
        if let workers, !(1...Self.largestCount).contains(workers) {
            throw ValidationError("--workers must be from 1 to \(Self.largestCount).")
        }
        if let runtime, TrialRuntime(rawValue: runtime) == nil {
            throw ValidationError(
                "--runtime must be process, docker or podman, not '\(TextTable.printable(runtime))'."
            )
        }
    }

    /// How many there are.
    var count: Int { workers ?? max(1, ProcessInfo.processInfo.activeProcessorCount / 2) }

    /// What each of them is told: they share the GPUs out among each other.
    var arguments: [String] {
        var arguments = label.flatMap { ["--label", $0] }
        if let runtime { arguments += ["--runtime", runtime] }
        if let secrets { arguments += ["--secrets", secrets] }
        if let gpus { arguments += ["--gpus", gpus] }
        if let gpusPerTrial { arguments += ["--gpus-per-trial", String(gpusPerTrial)] }
        return arguments
    }
}
