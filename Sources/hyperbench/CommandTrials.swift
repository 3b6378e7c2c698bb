import Execution
import ExperimentModel
import Foundation
import Logging

/// Trials that are the least that a process can be, run as `hyperworker` runs them.
struct CommandTrials: Sendable {
    /// What a trial runs.
    enum Kind: Sendable {
        /// `/bin/echo` of the objective: one report, one piece of output.
        case echo
        /// `/bin/true`: a process and nothing else, so that each trial fails for want of a report.
        case `true`

        /// With a placeholder, so that no arguments are appended: the line of `echo` must be the report alone.
        var arguments: [String] {
            switch self {
            case .echo: ["/bin/echo", "loss={x}"]
            case .true: ["/bin/true", "{x}"]
            }
        }

        /// How its trials end.
        var end: EngineRun.End {
            switch self {
            case .echo: .done
            case .true: .failed(.noMetric)
            }
        }
    }

    let kind: Kind
    let uri: String
    let slots: Int
    let meter: ServerMeter
    let logger: Logger

    func measure(trials: Int) async throws -> Sample {
        let directory = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(at: directory) }  // best effort: it is in the temporary directory
        let trialGuard = TrialGuard(
            for: WorkerID("bench"),
            program: .init(inherited: ProcessInfo.processInfo.environment),
            logger: logger
        )
        defer { trialGuard.close() }
        let executor = try ProcessTrialExecutor(
            settings: .init(workDirectory: directory.path, host: "bench"),
            trialGuard: trialGuard,
            logger: logger
        )
        return try await EngineRun(
            uri: uri,
            slots: slots,
            command: .arguments(kind.arguments),
            end: kind.end,
            executor: executor,
            directory: directory.path,
            meter: meter,
            logger: logger
        ).measure(trials: trials)
    }
}
