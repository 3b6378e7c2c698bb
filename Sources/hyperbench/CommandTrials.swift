import Execution
import ExperimentModel
import Foundation
import Logging

/// Trials whose command is one `/bin/echo`: the least that a process can be.
struct CommandTrials: Sendable {
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
        let executor = try ProcessTrialExecutor(
            settings: .init(workDirectory: directory.path, host: "bench"),
            logger: logger
        )
        return try await EngineRun(
            uri: uri,
            slots: slots,
            // A placeholder, so that no arguments are appended: the line must be the report alone.
            command: .arguments(["/bin/echo", "loss={x}"]),
            executor: executor,
            directory: directory.path,
            meter: meter,
            logger: logger
        ).measure(trials: trials)
    }
}
