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
        try await withEngine(mode: "stop", end: .done) { engine in
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
            return try Stamp.read(Self.stamps(engine)).map { LatencyFloor.milliseconds($0.begin, $0.last) }
        }
    }
}
