public import Coordination
import EmbeddedMongo
import Logging
import MongoClient
import MongoTrialStore

/// A short look at a store that is up: it starts, makes and writes nothing, and gives up early.
public enum StoreGlance {
    /// How long a server may take for each step.
    static let patience: Duration = .milliseconds(500)

    /// Runs `body` on the store that the options name; `nil` when it does not answer at once.
    public static func at<R: Sendable>(
        _ options: StoreOptions,
        environment: [String: String],
        _ body: (any TrialStore) async throws -> R
    ) async -> R? {
        let quiet = Logger(label: "glance") { _ in SwiftLogNoOpLogHandler() }
        // Whatever is wrong, somebody who presses a key for a completion does not want to read about it.
        do {
            let database = try options.databaseName(
                environment: environment,
                default: MongoTrialStore.defaultDatabase
            )
            guard let uri = try uri(options, environment: environment) else { return nil }
            var limits = MongoConnection.Options()
            limits.maxPoolSize = 1
            limits.serverSelectionTimeout = patience
            limits.connectTimeout = patience
            limits.maxTime = patience
            limits.socketTimeout = patience * 2
            let connection = try MongoConnection(uri: uri, options: limits, logger: quiet)
            let store = MongoTrialStore(connection: connection, database: database, logger: quiet)
            let result = try? await body(store)
            await connection.close()
            return result
        } catch {
            return nil
        }
    }

    private static func uri(_ options: StoreOptions, environment: [String: String]) throws -> String? {
        switch try options.location(environment: environment) {
        case .server(let uri): uri
        // Reading the file neither makes the directory nor counts as a use of the store.
        case .embedded(let directory): try EndpointFile.read(directory).flatMap { $0.isReady ? $0.uri : nil }
        }
    }
}
