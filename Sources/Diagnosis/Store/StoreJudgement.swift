import EmbeddedMongo
import MongoClient
import MongoTrialStore

/// Judges measured facts about a MongoDB server; each function is pure.
enum StoreJudgement {
    /// Round trips above this make every claim and report slow.
    static let slowLatency: Duration = .milliseconds(100)
    /// Above this, times that are shown look wrong.
    static let noticeableSkew: Duration = .seconds(1)
    /// A change stream that was interrupted for longer than the window starts anew.
    static let shortOplogWindow: Duration = .seconds(3600)
    /// What may lie between the start of a server and its first entry.
    static let oplogSlack: Duration = .seconds(120)

    /// What a failed call means; its message is not repeated in the remedy.
    static func failure(_ name: String, _ error: MongoError, database: String) -> Finding {
        let (level, remedy): (Finding.Level, String) =
            switch error.kind {
            case .malformedURI:
                (.fail, "write it as mongodb://user:password@host:27017/?replicaSet=name, special characters as %XX")
            case .authenticationFailed: (.fail, "check user, password and authSource in the URI")
            case .notAuthorized: (.fail, grant(database))
            case .unavailable, .poolExhausted:
                (
                    .fail,
                    "check host, port and firewall of the URI, and that mongod is up: mongosh URI --eval 'db.hello()'"
                )
            case .interrupted: (.warn, "it is changing its primary: try again in a minute")
            default: (.fail, "look into the log of mongod")
            }
        return Finding(.store, name, level, error.message, remedy: remedy)
    }

    static func grant(_ database: String) -> String {
        "in mongosh, as administrator: db.getSiblingDB('admin').grantRolesToUser(USER, [{role: 'readWrite', db: '\(database)'}])"
    }

    static func judge(latencies: [Duration]) -> Finding {
        guard let median = latencies.sorted().dropFirst(latencies.count / 2).first else {
            return Finding(.store, "latency", .skip, "no ping came back")
        }
        let detail = "\(milliseconds(median)) median of \(latencies.count) pings"
        let remedy = "run hyperserver and hyperworker nearer to the database"
        return Finding(.store, "latency", median > slowLatency ? .warn : .ok, detail, remedy: remedy)
    }

    static func judge(version: ServerDescription.Version) -> Finding {
        let oldest = StoreExpectation.oldestServer
        guard version < oldest else { return Finding(.store, "version", .ok, "MongoDB \(version)") }
        let detail = "MongoDB \(version) is too old; \(oldest.major).\(oldest.minor) or newer is needed"
        return Finding(
            .store,
            "version",
            .fail,
            detail,
            remedy: "upgrade the server, or use another one with --mongo URI"
        )
    }

    static func judge(topology server: ServerDescription) -> Finding {
        if !server.hasChangeStreams {
            let detail = "a standalone server: changes are found by polling, and a crash may lose the last writes"
            let remedy = "make it a replica set of one: mongod --replSet NAME, then rs.initiate() in mongosh"
            return Finding(.store, "topology", .warn, detail, remedy: remedy)
        }
        guard let name = server.setName else {
            return Finding(.store, "topology", .ok, "a sharded cluster")
        }
        guard server.isWritablePrimary else {
            let remedy = "name the set in the URI (replicaSet=\(name)), or look at rs.status() in mongosh"
            return Finding(.store, "topology", .fail, "replica set \(name) has no primary here", remedy: remedy)
        }
        return Finding(.store, "topology", .ok, "replica set \(name) with a primary")
    }

    /// - Parameter found: `nil` when nothing of ours is in the database yet.
    static func judge(schemaVersion found: Int?) -> Finding {
        let known = StoreExpectation.schemaVersion
        guard let found else {
            return Finding(.store, "schema", .skip, "nothing is stored yet; the first command sets the database up")
        }
        if found > known {
            let detail = "version \(found), and this program knows versions up to \(known)"
            return Finding(.store, "schema", .fail, detail, remedy: "use the newer hyperserver that wrote it")
        }
        let rest = found < known ? "; the next command raises it to \(known)" : ""
        return Finding(.store, "schema", .ok, "version \(found)\(rest)")
    }

    /// - Parameter found: names of the indexes of each collection; a collection that is missing has none.
    static func judge(indexes found: [String: Set<String>]) -> Finding {
        let missing = StoreExpectation.indexNames.flatMap { collection, names in
            names.filter { !found[collection, default: []].contains($0) }.map { "\(collection).\($0)" }
        }
        guard missing.isEmpty else {
            let detail = "missing: \(ForeignText.list(missing))"
            return Finding(
                .store,
                "indexes",
                .warn,
                detail,
                remedy: "hyperserver list, as a user who may make indexes (every command makes what is missing)"
            )
        }
        return Finding(.store, "indexes", .ok, "all of them are there")
    }

    /// - Parameter skew: how far the database's clock is ahead of this host's; negative when it is behind.
    static func judge(clockSkew skew: Duration) -> Finding {
        let size = skew < .zero ? .zero - skew : skew
        guard size > noticeableSkew else {
            return Finding(.store, "clock", .ok, "within \(milliseconds(noticeableSkew)) of this host's clock")
        }
        let word = skew < .zero ? "behind" : "ahead of"
        let detail =
            "the database's clock is \(milliseconds(size)) \(word) this host's; times that are shown differ, leases do not"
        return Finding(.store, "clock", .warn, detail, remedy: "sudo timedatectl set-ntp true, on both hosts")
    }

    /// - Parameters:
    ///   - window: from the oldest to the newest entry; `nil` when the user may not ask.
    ///   - uptime: of the server; a young one has a short window because little has happened.
    static func judge(oplogWindow window: Duration?, uptime: Duration) -> Finding {
        guard let window else {
            let remedy = "grant the role clusterMonitor to see it"
            return Finding(.store, "oplog", .skip, "the user may not see the oplog", remedy: remedy)
        }
        let text = "reaches \(minutes(window)) back"
        if window >= shortOplogWindow { return Finding(.store, "oplog", .ok, text) }
        if window + oplogSlack >= uptime { return Finding(.store, "oplog", .ok, "\(text): all there was") }
        let remedy = "in mongosh: db.adminCommand({replSetResizeOplog: 1, size: 2048})"
        return Finding(
            .store,
            "oplog",
            .warn,
            "\(text) only; watchers that pause for longer start anew",
            remedy: remedy
        )
    }

    static func judge(serverDiskUsed used: UInt64, total: UInt64) -> Finding {
        let free = total > used ? total - used : 0
        let detail = "\(ByteText.text(free)) of \(ByteText.text(total)) free where the server keeps its data"
        let remedy = "free some space on the host of mongod"
        return Finding(.store, "server_disk", DiskJudgement.level(freeBytes: free), detail, remedy: remedy)
    }

    static func milliseconds(_ duration: Duration) -> String {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        if seconds >= 10 { return "\(Int(seconds.rounded())) s" }
        if seconds >= 1 { return "\((seconds * 10).rounded() / 10) s" }
        return "\((seconds * 10_000).rounded() / 10) ms"
    }

    private static func minutes(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7200: return "\(seconds / 60) minutes"
        case ..<172_800: return "\(seconds / 3600) hours"
        default: return "\(seconds / 86_400) days"
        }
    }
}
