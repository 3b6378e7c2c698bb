public import Coordination
public import EmbeddedMongo
public import Logging
import MongoClient
import MongoTrialStore

/// A store that is ready for use, with whatever has to be closed after it.
public final class OpenedStore: Sendable {
    /// The store.
    public let store: any TrialStore
    /// The embedded mongod, when that is what is used.
    public let embedded: EmbeddedStore?
    /// Where it is, for people, without a password.
    public let place: String
    /// The connection string, maybe with a password; never to be logged.
    public let uri: String
    private let connection: MongoConnection

    private init(
        store: any TrialStore,
        connection: MongoConnection,
        uri: String,
        embedded: EmbeddedStore?,
        place: String
    ) {
        self.uri = uri
        self.store = store
        self.connection = connection
        self.embedded = embedded
        self.place = place
    }

    /// Threads and connections beyond those that a program's slots keep busy.
    public static let spareConnections = 4
    /// Most connections of one program; more threads only wait for each other in the server.
    public static let largestPool = 32

    /// Connects to a server and prepares the database.
    /// - Parameters:
    ///   - busy: how many calls run at once in the program.
    ///   - embedded: what to close with the store.
    /// - Throws: `TrialStoreError`, `MongoError` for a malformed URI.
    public static func connect(
        uri: String,
        database: String,
        busy: Int,
        embedded: EmbeddedStore?,
        place: String,
        pollInterval: Duration,
        logger: Logger
    ) async throws -> OpenedStore {
        var options = MongoConnection.Options()
        options.maxPoolSize = min(largestPool, busy + spareConnections)
        let connection = try MongoConnection(uri: uri, options: options, logger: logger)
        let store = MongoTrialStore(
            connection: connection,
            database: database,
            pollInterval: pollInterval,
            logger: logger
        )
        do {
            try await store.prepare()
        } catch {
            await connection.close()
            throw error
        }
        return OpenedStore(store: store, connection: connection, uri: uri, embedded: embedded, place: place)
    }

    /// Closes the connection and, for the last user of the embedded store, stops its mongod.
    public func close() async {
        await connection.close()
        await embedded?.close()
    }
}

extension StoreOptions {
    /// Opens the store for a server or a client command: an embedded one is started if it is not up.
    /// - Parameters:
    ///   - mongod: the value of `--mongod`.
    ///   - listening: how an embedded store is opened to other nodes.
    public func open(
        environment: [String: String],
        mongod: String? = nil,
        listening: StoreListening? = nil,
        busy: Int = 1,
        settings: CoordinationSettings,
        logger: Logger
    ) async throws -> OpenedStore {
        let database = try databaseName(environment: environment, default: MongoTrialStore.defaultDatabase)
        switch try location(environment: environment) {
        case .server(let uri):
            if listening != nil { throw StoreOptionsError.conflict("--store-listen and a MongoDB URI") }
            return try await .connect(
                uri: uri,
                database: database,
                busy: busy,
                embedded: nil,
                place: "the MongoDB server",
                pollInterval: settings.pollInterval,
                logger: logger
            )
        case .embedded(let directory):
            let embedded = try await EmbeddedStore.open(
                directory,
                mongod: MongodLookup(explicit: mongod, environment: environment),
                listening: listening,
                logger: logger
            )
            return try await Self.closing(embedded) {
                try await Self.connect(embedded, database, busy, settings, logger)
            }
        }
    }

    /// Opens the store for a worker: it never starts one, and waits while nothing answers.
    /// - Parameter timeout: `nil` waits until the task is cancelled.
    public func wait(
        environment: [String: String],
        timeout: Duration?,
        busy: Int,
        settings: CoordinationSettings,
        logger: Logger
    ) async throws -> OpenedStore {
        let database = try databaseName(environment: environment, default: MongoTrialStore.defaultDatabase)
        switch try location(environment: environment) {
        case .server(let uri):
            return try await Patience(timeout: timeout, logger: logger).wait {
                try await .connect(
                    uri: uri,
                    database: database,
                    busy: busy,
                    embedded: nil,
                    place: "the MongoDB server",
                    pollInterval: settings.pollInterval,
                    logger: logger
                )
            }
        case .embedded(let directory):
            let embedded = try await EmbeddedStore.waitForEndpoint(directory, timeout: timeout, logger: logger) {
                reason in
                logger.notice("waiting for a store in \(directory.path): \(reason)")
            }
            return try await Self.closing(embedded) {
                try await Patience(timeout: timeout, logger: logger).wait {
                    try await Self.connect(embedded, database, busy, settings, logger)
                }
            }
        }
    }

    /// Runs `body` and, if that fails, ends the use of the embedded store.
    private static func closing(
        _ embedded: EmbeddedStore,
        _ body: () async throws -> OpenedStore
    ) async throws -> OpenedStore {
        do {
            return try await body()
        } catch {
            await embedded.close()
            throw error
        }
    }

    private static func connect(
        _ embedded: EmbeddedStore,
        _ database: String,
        _ busy: Int,
        _ settings: CoordinationSettings,
        _ logger: Logger
    ) async throws -> OpenedStore {
        try await .connect(
            uri: embedded.uri,
            database: database,
            busy: busy,
            embedded: embedded,
            place: "the store in \(embedded.dataDirectory.path)",
            pollInterval: settings.pollInterval,
            logger: logger
        )
    }
}
