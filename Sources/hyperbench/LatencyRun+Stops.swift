import CommandLineSupport
import Coordination
import Execution
import ExperimentModel
import Foundation
import StoreOptions

extension LatencyRun {
    /// Trials that report once and are stopped early for it, by a leader and a worker as the programs wire them.
    /// - Returns: milliseconds from the moment before the report was printed to SIGTERM, by trial.
    func stops(count: Int) async throws -> [Double] {
        let directory = FileManager.default.temporaryDirectory.appending(path: "latency-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // Best effort: it is in the temporary directory.
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let engine = EngineRun(
            uri: uri,
            slots: slots,
            command: .arguments([stamp, "stop", directory + "/stamps", "{x}"]),
            end: .done,
            executor: try ProcessTrialExecutor(
                settings: .init(workDirectory: directory, host: "bench"),
                logger: logger
            ),
            directory: directory,
            meter: nil,
            logger: logger
        )
        var definition = try engine.definition(count)
        // What they report is a time, and so above zero.
        definition.earlyTermination = [PolicySpecification(.threshold(lower: nil, upper: 0))]
        try await engine.withStores { server, worker in
            let id = try await engine.lead(definition, server, worker)
            let stopped = try await server.store.trials(of: id, .all).count { $0.stoppedAt == 1 }
            guard stopped == count else {
                throw ProgramFailure(.internalError, "Of \(count) trials \(stopped) were stopped early.")
            }
        }
        return try Stamp.read(directory + "/stamps").map { LatencyFloor.milliseconds($0.begin, $0.last) }
    }
}
