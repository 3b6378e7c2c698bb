import BSON
import CommandLineSupport
import ExperimentModel
import Logging
import MongoClient
import MongoTrialStore
import Synchronization
import TuningTestKit

/// What the database can do without us: loops of insert, claim and result, straight through `MongoConnection`.
///
/// The same indexes, documents, write concern and driver as the store; no leader, no worker, no change streams, no observations.
struct RawCeiling: Sendable {
    let uri: String
    let meter: ServerMeter
    let logger: Logger

    func measure(loops: Int, seconds: Double) async throws -> Sample {
        let database = ScratchMongod.freshDatabase()
        var options = MongoConnection.Options()
        options.maxPoolSize = loops
        let connection = try MongoConnection(uri: uri, options: options, logger: logger)
        do {
            try await MongoTrialStore(connection: connection, database: database, logger: logger).prepare()
            let jobs = Namespace(database: database, collection: "jobs")
            let sample = try await measure(loops, seconds, connection, jobs)
            await connection.close()
            return sample
        } catch {
            await connection.close()
            throw error
        }
    }

    private func measure(
        _ loops: Int,
        _ seconds: Double,
        _ connection: MongoConnection,
        _ jobs: Namespace
    ) async throws -> Sample {
        let numbers = Numbers()
        let before = try await meter.read()
        let clock = ContinuousClock()
        let start = clock.now
        let end = start.advanced(by: .seconds(seconds))
        let trials = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<loops {
                group.addTask {
                    var count = 0
                    while clock.now < end {
                        try await trial(number: numbers.next(), worker: "host:1:\(index)", connection, jobs)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        let elapsed = (clock.now - start).inSeconds
        return Sample(trials: trials, seconds: elapsed, cost: try await meter.cost(since: before))
    }

    private func trial(number: Int, worker: String, _ connection: MongoConnection, _ jobs: Namespace) async throws {
        guard let trial = RawTrial(experiment: "raw", number: number) else {
            throw ProgramFailure(.usage, "More trials than an experiment can have; use fewer --seconds.")
        }
        _ = try await connection.insert([trial.document], into: jobs)
        let claimed = try await connection.findAndModify(
            RawTrial.claimFilter(experiment: "raw"),
            RawTrial.claim(worker: worker),
            sort: ["tid": 1],
            in: jobs
        )
        guard let claimed else { throw ProgramFailure(.internalError, "A claim found no trial.") }
        let outcome = try await connection.updateOne(
            RawTrial.fence(claimed, worker: worker),
            RawTrial.result,
            in: jobs
        )
        guard outcome.modifiedCount == 1 else { throw ProgramFailure(.internalError, "A result met no claimed trial.") }
    }

    /// Trial numbers, shared by the loops.
    private final class Numbers: Sendable {
        private let last = Atomic(0)
        func next() -> Int { last.wrappingAdd(1, ordering: .relaxed).newValue }
    }
}
