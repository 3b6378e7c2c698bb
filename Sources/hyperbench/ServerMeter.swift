import BSON
import Glibc
import MongoClient

/// Reads what mongod and this process have done so far, so that two readings tell what a measurement cost.
struct ServerMeter: Sendable {
    let connection: MongoConnection

    /// Commands that go on whether or not anything is measured.
    private static let background: Set<String> = ["hello", "isMaster", "serverStatus", "buildInfo", "endSessions"]

    /// One reading.
    struct Reading: Sendable {
        fileprivate var totals: Sample.Cost
    }

    /// What has been used since the start of both processes.
    func read() async throws -> Reading {
        let status = try await connection.readCommand(["serverStatus": 1], on: "admin")
        var totals = Sample.Cost()
        for path in ["extra_info.user_time_us", "extra_info.system_time_us"] {
            totals.serverSeconds += Double(status.value(at: path)?.asInt64 ?? 0) * 1e-6
        }
        for (name, value) in status.value(at: "metrics.commands")?.asDocument?.elements ?? [] {
            guard !Self.background.contains(name), let count = value.asDocument?["total"]?.asInt, count > 0 else {
                continue
            }
            totals.commands[name] = count
        }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        for time in [usage.ru_utime, usage.ru_stime] {
            totals.ownSeconds += Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
        }
        return Reading(totals: totals)
    }

    /// What was used between a reading and now.
    func cost(since earlier: Reading) async throws -> Sample.Cost {
        let now = try await read().totals
        return Sample.Cost(
            serverSeconds: now.serverSeconds - earlier.totals.serverSeconds,
            ownSeconds: now.ownSeconds - earlier.totals.ownSeconds,
            commands: now.commands
                .map { ($0, $1 - earlier.totals.commands[$0, default: 0]) }
                .filter { $0.1 > 0 }
                .reduce(into: [:]) { $0[$1.0] = $1.1 }
        )
    }

    /// The version of mongod.
    func version() async throws -> String {
        "\(try await connection.serverDescription().version)"
    }
}
