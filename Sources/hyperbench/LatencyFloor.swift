import BSON
import CRawLoop
import CommandLineSupport
import ExperimentModel
import Foundation
import Logging
import MongoClient
import MongoTrialStore
import TuningTestKit

/// What each step costs without us: one write, one change event, one process, one after the other.
struct LatencyFloor: Sendable {
    let uri: String
    let stamp: String
    let logger: Logger

    /// Milliseconds of every repetition.
    struct Samples: Sendable {
        var insert: [Double] = []
        var event: [Double] = []
        var claim: [Double] = []
        var result: [Double] = []
        var spawn: [Double] = []
    }

    func measure(count: Int) async throws -> Samples {
        let connection = try MongoConnection(uri: uri, logger: logger)
        do {
            let samples = try await measure(count, connection)
            await connection.close()
            return samples
        } catch {
            await connection.close()
            throw error
        }
    }

    private func measure(_ count: Int, _ connection: MongoConnection) async throws -> Samples {
        let database = ScratchMongod.freshDatabase()
        try await MongoTrialStore(connection: connection, database: database, logger: logger).prepare()
        let jobs = Namespace(database: database, collection: "jobs")
        var samples = Samples()
        var changes = connection.watch(database: database, pipeline: [["$match": ["operationType": "insert"]]])
            .makeAsyncIterator()
        _ = try await changes.next()
        for number in 1...count {
            guard let trial = RawTrial(experiment: "raw", number: number) else { break }
            let called = raw_loop_now()
            _ = try await connection.insert([trial.document], into: jobs)
            let acknowledged = raw_loop_now()
            _ = try await changes.next()
            let seen = raw_loop_now()
            let claimed = try await connection.findAndModify(
                RawTrial.claimFilter(experiment: "raw"),
                RawTrial.claim(worker: "host:1:0"),
                sort: ["tid": 1],
                in: jobs
            )
            let isClaimed = raw_loop_now()
            guard let claimed else { throw ProgramFailure(.internalError, "A claim found no trial.") }
            let ended = raw_loop_now()
            _ = try await connection.updateOne(RawTrial.fence(claimed, worker: "host:1:0"), RawTrial.result, in: jobs)
            samples.result.append(Self.milliseconds(ended, raw_loop_now()))
            samples.insert.append(Self.milliseconds(called, acknowledged))
            samples.event.append(Self.milliseconds(called, seen))
            samples.claim.append(Self.milliseconds(seen, isClaimed))
        }
        samples.spawn = try spawns(count)
        return samples
    }

    /// From the call of posix_spawn to the first instruction of the program's own.
    private func spawns(_ count: Int) throws -> [Double] {
        let file = FileManager.default.temporaryDirectory.appending(path: "spawn-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }  // best effort: it is in the temporary directory
        var calls: [Int64] = []
        for _ in 0..<count {
            let texts: [String] = [stamp, "run", file]
            var arguments = texts.map { strdup($0) } + [nil]
            defer { for argument in arguments { free(argument) } }
            calls.append(raw_loop_now())
            guard raw_loop_spawn(&arguments) == 0 else {
                throw ProgramFailure(.internalError, "\(stamp) did not exit with status 0.")
            }
        }
        return zip(calls, try Stamp.read(file)).map { Self.milliseconds($0, $1.begin) }
    }

    /// Between two readings of the monotonic clock.
    static func milliseconds(_ start: Int64, _ end: Int64) -> Double { Double(end - start) * 1e-6 }
}

/// One line of the file in which trials say when they ran.
struct Stamp: Sendable {
    var trial: Int
    /// Nanoseconds of the monotonic clock.
    var begin: Int64
    /// The same for the end; of a trial that waits its process id.
    var last: Int64

    /// The lines so far, in the order of writing.
    static func read(_ path: String) throws -> [Stamp] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ").compactMap { Int64($0) }
            return fields.count == 3 ? Stamp(trial: Int(fields[0]), begin: fields[1], last: fields[2]) : nil
        }
    }
}
