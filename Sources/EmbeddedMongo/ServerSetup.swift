import BSON
public import Logging
import MongoClient

/// Turns a fresh `mongod` of the user's into what a connection string names: a replica set of one member, and a user.
///
/// The server has to run with `--replSet` and `--keyFile`; the key opens it, so no administrator's account is needed. Every
/// step looks first, so it can be run at each start of a service. It never changes a configuration that is there, nor takes
/// rights away.
public struct ServerSetup: Sendable {
    /// What was set up, for people.
    public struct Outcome: Sendable, Equatable {
        /// `host:port` of the primary.
        public let member: String
        /// The name of the replica set.
        public let replicaSet: String
        /// The user that can read and write the database.
        public let user: String
    }

    private let uri: String
    private let user: String
    private let password: String
    private let plan: StorePlan
    private let key: String
    private let timeouts: EmbeddedStoreTimeouts
    private let logger: Logger

    /// Reads the connection string and the key; asks no server.
    /// - Parameters:
    ///   - uri: names one host, a replica set, a user and a password.
    ///   - database: what the user may read and write.
    ///   - keyFile: the key of the server; for its owner alone.
    /// - Throws: ``ServerSetupError``, `MongoError` for a malformed URI.
    public init(
        uri: String,
        database: String,
        keyFile: String,
        timeouts: EmbeddedStoreTimeouts = EmbeddedStoreTimeouts(),
        logger: Logger
    ) throws {
        let parts = try ConnectionString(uri)
        guard let member = parts.hosts.first, parts.hosts.count == 1 else {
            throw ServerSetupError.incompleteURI("names \(parts.hosts.count) hosts")
        }
        guard let replicaSet = parts.replicaSet else { throw ServerSetupError.incompleteURI("has no replicaSet=") }
        guard let user = parts.user, let password = parts.password, !user.isEmpty, !password.isEmpty else {
            throw ServerSetupError.incompleteURI("has no user and password")
        }
        self.uri = uri
        self.user = user
        self.password = password
        plan = StorePlan(
            member: member,
            replicaSet: replicaSet,
            userDatabase: parts.authSource,
            roles: [["role": "readWrite", "db": .string(database)]],
            ownPort: nil
        )
        key = try Self.key(keyFile)
        self.timeouts = timeouts
        self.logger = logger
    }

    /// mongod ignores white space in a key.
    private static func key(_ path: String) throws(ServerSetupError) -> String {
        let bytes: [UInt8]?
        do throws(EmbeddedMongoError) {
            bytes = try PrivateFile.read(path)
        } catch {
            switch error {
            case .fileNotPrivate(_, let reason), .fileCorrupt(_, let reason):
                throw .keyFile(path: path, reason: reason)
            case .dataDirectoryUnusable(_, let problem): throw .keyFile(path: path, reason: "\(problem)")
            default: throw .keyFile(path: path, reason: "\(error)")
            }
        }
        guard let bytes else { throw .keyFile(path: path, reason: "there is no such file") }
        let key = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        guard !key.isEmpty else { throw .keyFile(path: path, reason: "it is empty") }
        return key
    }

    /// Sets up what is missing, and proves that the connection string opens the server.
    /// - Throws: ``ServerSetupError``, `CancellationError`.
    public func run() async throws -> Outcome {
        let setup = StoreSetup(plan: plan, key: key, timeouts: timeouts, logger: logger) { true }
        do {
            try await setup.run(user: user, password: password, until: Deadline(after: timeouts.ready))
        } catch let interruption as StoreSetup.Interruption {
            throw error(for: interruption)
        }
        do {
            try await StoreSetup.withConnection(uri, timeouts: timeouts, logger: logger) { connection in
                // It needs both the primary and the password.
                _ = try await connection.command(["connectionStatus": 1], on: "admin")
            }
        } catch let error as MongoError {
            throw ServerSetupError.unusable("\(error)")
        }
        return Outcome(member: plan.member, replicaSet: plan.replicaSet, user: user)
    }

    private func error(for interruption: StoreSetup.Interruption) -> ServerSetupError {
        switch interruption {
        case .keyRefused: .keyRefused(member: plan.member)
        case .notReplicated: .notReplicated(member: plan.member, replicaSet: plan.replicaSet)
        case .otherConfiguration: .otherConfiguration(member: plan.member)
        case .timedOut(let doing): .timedOut(member: plan.member, after: timeouts.ready, doing: doing)
        case .processEnded: .timedOut(member: plan.member, after: timeouts.ready, doing: "it ended")
        }
    }
}
