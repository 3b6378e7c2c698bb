import BSON
import Logging
import MongoClient

/// Turns a `mongod` that answers into a usable store, as its plan says: replica set, primary, user.
///
/// Every step looks first and can be repeated, so it does not matter at which point an earlier program was killed. It
/// logs in as MongoDB's own user `__system`, whose password is the content of the key file
/// (https://www.mongodb.com/docs/manual/core/security-internal-authentication/): that works before any user exists, and
/// still when the endpoint file with the password is lost.
struct StoreSetup: Sendable {
    /// Why the setup cannot go on by itself.
    enum Interruption: Error, Equatable {
        /// `mongod` ended meanwhile.
        case processEnded
        /// The running `mongod` has another key than the file.
        case keyRefused
        /// The server knows no replica set.
        case notReplicated
        /// The server has a configuration that is not ours to change.
        case otherConfiguration
        /// The deadline passed.
        case timedOut(doing: String)
    }

    static let pollInterval = Duration.milliseconds(10)
    /// Asking a server that does not answer is given up after this, and tried again until the deadline.
    static let selectionTimeout = Duration.seconds(2)
    private static let notYetInitialized = 94
    private static let noReplicationEnabled = 76
    private static let userExists = 51003

    let plan: StorePlan
    let key: String
    let timeouts: EmbeddedStoreTimeouts
    let logger: Logger
    /// Whether the `mongod` in question still runs.
    let isAlive: @Sendable () -> Bool

    /// Waits until somebody accepts connections on this port of ours.
    ///
    /// A pool made earlier would see its first failure and look again only half a second later.
    func waitForPort(_ port: Int, until deadline: Deadline) async throws {
        while true {
            guard isAlive() else { throw Interruption.processEnded }
            if LoopbackPort.accepts(port) { return }
            guard !deadline.hasPassed else { throw Interruption.timedOut(doing: "waiting for port \(port)") }
            try await deadline.pause(Self.pollInterval)
        }
    }

    /// Makes the set and the user where they are missing, and waits for the writable primary.
    ///
    /// - Throws: `Interruption`, `CancellationError`, `EmbeddedMongoError.setupFailed`.
    func run(user: String, password: String, until deadline: Deadline) async throws {
        if let port = plan.ownPort { try await waitForPort(port, until: deadline) }
        let uri =
            "mongodb://__system:\(Endpoint.escaped(key))@\(plan.member)/"
            + "?authSource=local&directConnection=true&authMechanism=SCRAM-SHA-256"
        try await Self.withConnection(uri, timeouts: timeouts, logger: logger) { connection in
            try await makePrimary(connection, until: deadline)
            try await repeating("making the user", until: deadline) {
                try await makeUser(user, password: password, connection)
                return true
            }
        }
    }

    /// Whether the store takes writes and these credentials.
    static func isUsable(_ endpoint: Endpoint, timeouts: EmbeddedStoreTimeouts, logger: Logger) async throws -> Bool {
        do {
            return try await withConnection(endpoint.uri, timeouts: timeouts, logger: logger) { connection in
                // A command that needs authentication: `hello` alone would not prove the password.
                let reply = try await connection.command(["connectionStatus": 1], on: "admin")
                let users = reply.value(at: "authInfo.authenticatedUsers")?.asArray ?? []
                return !users.isEmpty
            }
        } catch is MongoError {
            // Refused or not there: the thorough way finds out which.
            try Task.checkCancellation()
            return false
        }
    }

    static func withConnection<Value: Sendable>(
        _ uri: String,
        timeouts: EmbeddedStoreTimeouts,
        logger: Logger,
        _ body: (MongoConnection) async throws -> Value
    ) async throws -> Value {
        var options = MongoConnection.Options()
        options.maxPoolSize = 1
        options.serverSelectionTimeout = min(selectionTimeout, timeouts.command)
        options.socketTimeout = timeouts.command
        options.connectTimeout = min(selectionTimeout, timeouts.command)
        let connection = try MongoConnection(uri: uri, options: options, logger: logger)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    private func makePrimary(_ connection: MongoConnection, until deadline: Deadline) async throws {
        try await repeating("becoming the primary", until: deadline) {
            let hello = try await connection.command(["hello": 1], on: "admin")
            let configuration: BSONDocument?
            do {
                configuration = try await connection.command(["replSetGetConfig": 1], on: "admin")["config"]?.asDocument
            } catch let error as MongoError where error.code == Self.notYetInitialized {
                configuration = nil
            } catch let error as MongoError where error.code == Self.noReplicationEnabled {
                throw Interruption.notReplicated
            }
            let members: BSONValue = [["_id": 0, "host": .string(plan.member)]]
            let name = BSONValue.string(plan.replicaSet)
            switch ReplicaSetStep.next(hello: hello, configuration: configuration, member: plan.member) {
            case .none: return true
            case .wait: break
            case .reconfigure where !plan.isOurs: throw Interruption.otherConfiguration
            case .initiate:
                _ = try await connection.command(["replSetInitiate": ["_id": name, "members": members]], on: "admin")
            case .reconfigure(let version):
                let wanted: BSONValue = ["_id": name, "version": .int64(Int64(version)), "members": members]
                _ = try await connection.command(["replSetReconfig": wanted, "force": true], on: "admin")
            }
            return false
        }
    }

    private func makeUser(_ user: String, password: String, _ connection: MongoConnection) async throws {
        let credentials: [(String, BSONValue)] = [
            ("pwd", .string(password)), ("mechanisms", ["SCRAM-SHA-256"]), ("writeConcern", ["w": "majority"]),
        ]
        let roles = BSONValue.array(plan.roles)
        let all = credentials + [("roles", roles)]
        do {
            let command = try BSONDocument([("createUser", .string(user))] + all)
            _ = try await connection.command(command, on: plan.userDatabase)
        } catch let error as MongoError where error.code == Self.userExists {
            // A user of an earlier start: its password may have been lost with the endpoint file.
            let changes = plan.isOurs ? all : credentials
            let command = try BSONDocument([("updateUser", .string(user))] + changes)
            _ = try await connection.command(command, on: plan.userDatabase)
            guard !plan.isOurs else { return }
            _ = try await connection.command(
                ["grantRolesToUser": .string(user), "roles": roles, "writeConcern": ["w": "majority"]],
                on: plan.userDatabase
            )
        }
    }

    /// Repeats a step until it is done; any failure of the server may be one of its start, which passes.
    private func repeating(
        _ doing: String,
        until deadline: Deadline,
        _ step: () async throws -> Bool
    ) async throws {
        var lastFailure = ""
        while true {
            guard isAlive() else { throw Interruption.processEnded }
            do {
                if try await step() { return }
            } catch let error as MongoError where error.kind == .authenticationFailed {
                throw isAlive() ? Interruption.keyRefused : .processEnded
            } catch let error as MongoError where error.kind != .cancelled {
                lastFailure = ": \(error.message)"
            }
            try Task.checkCancellation()
            guard !deadline.hasPassed else { throw Interruption.timedOut(doing: doing + lastFailure) }
            try await deadline.pause(Self.pollInterval)
        }
    }
}
