import BSON
import Foundation
import MongoClient
import MongoTrialStore

/// Measures a server that answers; nothing but one scratch document is written, and that is removed again.
struct ServerProbe: Sendable {
    static let pingCount = 5
    /// For a change stream to open.
    static let watchLimit: Duration = .seconds(5)
    /// For a write that a majority confirms.
    static let writeLimit: Duration = .seconds(6)
    /// The server's code for a collection that is not there.
    private static let noSuchNamespace = 26

    let connection: MongoConnection
    let database: String
    /// Whether `hyperserver` asks.
    let isServer: Bool

    /// Runs a probe; a failed call becomes its finding.
    private func finding(
        _ name: String,
        limit: Duration = Check.usualLimit,
        _ body: @escaping @Sendable () async throws -> [Finding]
    ) -> Check {
        let database = database
        return Check(.store, name, limit: limit, levelWhenLate: .fail) {
            do {
                return try await body()
            } catch let error as MongoError {
                return [StoreJudgement.failure(name, error, database: database)]
            } catch {
                return [Finding(.store, name, .fail, "\(error)")]
            }
        }
    }

    /// The checks that follow once the server has answered.
    func checks(_ server: ServerDescription) -> [Check] {
        let (connection, database, isServer) = (connection, database, isServer)
        let meta = Namespace(database: database, collection: StoreExpectation.metaCollection)
        return [
            finding("authentication") {
                let privileges = try await privileges()
                return AuthorizationJudgement.findings(privileges, database: database, isServer: isServer)
            },
            finding("latency") { [try await latency()] },
            finding("change_streams", limit: Self.watchLimit) { [try await changeStreams(server)] },
            finding("majority_write", limit: Self.writeLimit) { [try await majorityWrite(meta)] },
            finding("schema") {
                let document = try await connection.findOne(["_id": "schema"], in: meta)
                return try await schema(document?["version"]?.asInt)
            },
            finding("clock") { [try await clock()] },
            finding("oplog") { try await oplog(server) },
            finding("server_disk") {
                let stats: BSONDocument
                do throws(MongoError) {
                    stats = try await connection.readCommand(["dbStats": 1], on: database)
                } catch {
                    guard error.kind == .notAuthorized else { throw error }
                    return [Finding(.store, "server_disk", .skip, "the user may not see the server's disk")]
                }
                guard let used = stats["fsUsedSize"]?.asDouble, let total = stats["fsTotalSize"]?.asDouble else {
                    return []
                }
                return [StoreJudgement.judge(serverDiskUsed: UInt64(max(0, used)), total: UInt64(max(0, total)))]
            },
        ]
    }

    private func privileges() async throws -> Privileges {
        let status: BSONDocument = ["connectionStatus": 1, "showPrivileges": true]
        return Privileges(reply: try await connection.command(status, on: "admin"))
    }

    private func latency() async throws -> Finding {
        var latencies: [Duration] = []
        for _ in 0..<Self.pingCount {
            let start = ContinuousClock.now
            _ = try await connection.command(["ping": 1], on: "admin")
            latencies.append(start.duration(to: .now))
        }
        return StoreJudgement.judge(latencies: latencies)
    }

    private func changeStreams(_ server: ServerDescription) async throws -> Finding {
        guard server.hasChangeStreams else {
            return Finding(
                .store,
                "change_streams",
                .skip,
                "a standalone server has none; changes are found by polling"
            )
        }
        let start = ContinuousClock.now
        for try await element in connection.watch(database: database) where element == .opened { break }
        let duration = StoreJudgement.milliseconds(start.duration(to: .now))
        return Finding(.store, "change_streams", .ok, "opened in \(duration)")
    }

    /// Writes one document and removes it. Its id is always the same, so that no more than one is ever left behind.
    private func majorityWrite(_ meta: Namespace) async throws -> Finding {
        let isAllowed = try await privileges().allow(["insert", "update", "remove"], on: meta.collection, of: database)
        guard isAllowed else {
            return Finding(.store, "majority_write", .skip, "the user may not write here, and need not: not measured")
        }
        let id: BSONDocument = ["_id": "doctor"]
        let start = ContinuousClock.now
        _ = try await connection.updateOne(id, ["$currentDate": ["at": true]], in: meta, upsert: true)
        let duration = StoreJudgement.milliseconds(start.duration(to: .now))
        _ = try await connection.deleteOne(id, in: meta)
        return Finding(.store, "majority_write", .ok, "confirmed in \(duration)")
    }

    private func schema(_ version: Int?) async throws -> [Finding] {
        let finding = StoreJudgement.judge(schemaVersion: version)
        guard version != nil else { return [finding] }
        var found: [String: Set<String>] = [:]
        do {
            for (collection, _) in StoreExpectation.indexNames { found[collection] = try await indexNames(collection) }
        } catch let error as MongoError where error.kind == .notAuthorized {
            return [finding, Finding(.store, "indexes", .skip, "the user may not see the indexes")]
        }
        return [finding, StoreJudgement.judge(indexes: found)]
    }

    private func indexNames(_ collection: String) async throws -> Set<String> {
        do throws(MongoError) {
            let command: BSONDocument = ["listIndexes": .string(collection), "cursor": ["batchSize": 100]]
            let reply = try await connection.readCommand(command, on: database)
            let batch = reply.value(at: "cursor.firstBatch")?.asArray ?? []
            return Set(batch.compactMap { $0.asDocument?["name"]?.asString })
        } catch {
            guard error.code == Self.noSuchNamespace else { throw error }
            return []
        }
    }

    private func clock() async throws -> Finding {
        let before = Date.now
        let hello = try await connection.command(["hello": 1], on: "admin")
        let middle = before.addingTimeInterval(Date.now.timeIntervalSince(before) / 2)
        guard let theirs = hello["localTime"]?.asDate else {
            return Finding(.store, "clock", .skip, "the server does not tell its time")
        }
        let skew = theirs.date.timeIntervalSince(middle)
        return StoreJudgement.judge(clockSkew: .milliseconds(Int64((skew * 1000).rounded())))
    }

    private func oplog(_ server: ServerDescription) async throws -> [Finding] {
        guard server.isReplicaSet else { return [] }
        let command: BSONDocument = ["serverStatus": 1, "oplog": 1, "metrics": 0, "wiredTiger": 0]
        let status: BSONDocument
        do throws(MongoError) {
            status = try await connection.readCommand(command, on: "admin")
        } catch {
            guard error.kind == .notAuthorized else { throw error }
            return [StoreJudgement.judge(oplogWindow: nil, uptime: .zero)]
        }
        let first = Self.seconds(status.value(at: "oplog.earliestOptime"))
        let last = Self.seconds(status.value(at: "oplog.latestOptime"))
        guard let first, let last, last >= first else { return [] }
        let uptime = Duration.seconds(status["uptime"]?.asDouble ?? 0)
        return [StoreJudgement.judge(oplogWindow: .seconds(Int64(last - first)), uptime: uptime)]
    }

    /// An operation time is a timestamp, or a document with one as `ts`.
    private static func seconds(_ value: BSONValue?) -> UInt32? {
        switch value {
        case .timestamp(let seconds, _): seconds
        case .document(let document): seconds(document["ts"])
        default: nil
        }
    }
}
