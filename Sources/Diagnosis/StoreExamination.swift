public import Coordination
public import EmbeddedMongo
public import Logging
import MongoClient
import MongoTrialStore

/// The checks of the store, and of what is in it.
public struct StoreExamination: Sendable {
    /// Where the store is.
    public enum Place: Sendable {
        /// A server of the user's; the text may hold a password.
        case server(uri: String)
        /// The embedded store of a directory.
        case embedded(DataDirectory, MongodLookup)
        /// The options contradict each other or a file of theirs cannot be used, as the message says.
        case unknown(String)
    }

    /// How long one call may look for a server.
    static let selectionLimit: Duration = .seconds(5)
    /// How long one call may wait for an answer.
    static let answerLimit: Duration = .seconds(6)
    /// For the whole first contact; a name look-up may hang for longer than the driver's own limits.
    static let contactLimit: Duration = .seconds(10)
    /// For closing the connection: whatever still hangs then is left to the end of the program.
    static let closeLimit: Duration = .seconds(2)
    /// Clients: the checks run side by side, and one change stream beside them.
    static let poolSize = 4

    private let place: Place
    private let database: String
    private let settings: CoordinationSettings
    private let version: String
    private let isServer: Bool
    private let logger: Logger

    /// An examination that has not begun.
    /// - Parameters:
    ///   - settings: the leases of this program.
    ///   - version: of this program, which the workers should have too.
    ///   - isServer: whether the embedded store may be started from here; a worker waits for it.
    public init(
        _ place: Place,
        database: String,
        settings: CoordinationSettings,
        version: String,
        isServer: Bool,
        logger: Logger
    ) {
        self.place = place
        self.database = database
        self.settings = settings
        self.version = version
        self.isServer = isServer
        self.logger = logger
    }

    /// Everything about the store, its workers and its experiments.
    public func findings() async -> [Finding] {
        switch place {
        case .unknown(let message):
            let (detail, remedy) = Advice.split(message)
            return [Finding(.store, "options", .fail, detail, remedy: remedy)]
        case .server(let uri):
            let skipped = Finding(.store, "mongod", .skip, "a server of yours is used, so none is needed here")
            return [skipped] + (await contents(uri: uri))
        case .embedded(let directory, let lookup):
            return await embedded(directory, lookup)
        }
    }

    private func embedded(_ directory: DataDirectory, _ lookup: MongodLookup) async -> [Finding] {
        let seen = await TimeLimit.value(within: Check.usualLimit) {
            await TimeLimit.onThread { EmbeddedStoreInspection(directory) }
        }
        guard let seen else {
            let detail = "\(directory.path) gave no answer within \(Check.usualLimit)"
            let remedy = "look for a dead network file system (df \(ForeignText.shellWord(directory.path)))"
            return [Finding(.store, "directory", .fail, detail, remedy: remedy)]
        }
        let isRunning = if case .running = seen.holder { seen.acceptsConnections } else { false }
        var checks = [
            Check(.store, "embedded") { [isServer] in EmbeddedStoreCheck.judge(seen, starts: isServer) },
            Check.blocking(.store, "disk") {
                let parent = PlaceCheck.nearestParent(of: seen.directory.path)
                let type = MountTable.current().type(of: parent)
                let disk = DiskJudgement.findings(FileSystemFacts(path: parent), .store, path: seen.directory.path)
                return [MountTable.judgeForDatabase(type: type, path: seen.directory.path)] + disk
            },
        ]
        if isServer {
            let mongod = Check(.store, "mongod", limit: MongodCheck.limit + .seconds(1)) {
                [await MongodCheck.finding(lookup, isNeeded: !isRunning)]
            }
            checks.insert(mongod, at: 0)
        }
        var findings = await Check.run(checks)
        guard isRunning, case .success(let endpoint?) = seen.endpoint else { return findings }
        findings += await contents(uri: endpoint.uri)
        return findings
    }

    // MARK: A server that may answer

    private func contents(uri: String) async -> [Finding] {
        var options = MongoConnection.Options()
        options.maxPoolSize = Self.poolSize
        options.serverSelectionTimeout = Self.selectionLimit
        options.connectTimeout = Self.selectionLimit
        options.socketTimeout = Self.answerLimit
        options.maxTime = Self.answerLimit
        let (settings, logger) = (options, logger)
        // Parsing may ask a name server (mongodb+srv), which blocks.
        let made = await TimeLimit.value(within: Self.contactLimit) {
            await TimeLimit.onThread {
                Result { () throws(MongoError) in try MongoConnection(uri: uri, options: settings, logger: logger) }
            }
        }
        switch made {
        case nil:
            let remedy = "check the name server of this machine (/etc/resolv.conf)"
            let detail = "the records of the URI were not found within \(Self.contactLimit)"
            return [Finding(.store, "uri", .fail, detail, remedy: remedy)]
        case .failure(let error)?:
            return [StoreJudgement.failure("uri", error, database: database)]
        case .success(let connection)?:
            let findings = await examine(connection, hosts: RedactedHosts.text(of: uri))
            _ = await TimeLimit.value(within: Self.closeLimit) { await connection.close() }
            return findings
        }
    }

    private func examine(_ connection: MongoConnection, hosts: String) async -> [Finding] {
        let contact = await TimeLimit.value(within: Self.contactLimit) {
            do throws(MongoError) {
                return Result<ServerDescription, MongoError>.success(try await connection.serverDescription())
            } catch {
                return .failure(error)
            }
        }
        let server: ServerDescription
        switch contact {
        case .success(let description)?: server = description
        case .failure(let error)?:
            let name = error.kind == .authenticationFailed ? "authentication" : "connection"
            return [StoreJudgement.failure(name, error, database: database)]
        case nil:
            let detail = "\(hosts) gave no answer within \(Self.contactLimit)"
            return [
                Finding(.store, "connection", .fail, detail, remedy: "check host and port of the URI, and the firewall")
            ]
        }
        let first = [
            Finding(.store, "connection", .ok, "\(hosts) answers, database \(database)"),
            StoreJudgement.judge(version: server.version), StoreJudgement.judge(topology: server),
        ]
        let probe = ServerProbe(connection: connection, database: database, isServer: isServer)
        let store = MongoTrialStore(connection: connection, database: database, logger: logger)
        let contents = ContentsProbe(store: store, settings: settings, version: version)
        return first + (await Check.run(probe.checks(server) + contents.checks))
    }
}
