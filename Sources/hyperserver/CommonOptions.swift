import ArgumentParser
import CommandLineSupport
import Coordination
import EmbeddedMongo
import ExperimentModel
import Foundation
import Logging
import StoreOptions

/// What every command of the server needs: the store and the log.
struct CommonOptions: ParsableArguments {
    @OptionGroup(title: "Store")
    var store: StoreOptions

    @Option(
        help: ArgumentHelp("The mongod of the embedded store. Also HYPER_MONGOD.", valueName: "file"),
        completion: .file()
    )
    var mongod: String?

    @OptionGroup(title: "Log")
    var log: LogOptions

    static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// Leases and intervals as the environment asks.
    static func settings() throws -> CoordinationSettings {
        try CoordinationSettings(checking: environment)
    }

    /// Opens the store, runs a command on it and closes it, whatever happens.
    func withStore<R>(
        logger: Logger,
        busy: Int = 1,
        listening: (address: String, advertise: String?)? = nil,
        _ body: (OpenedStore) async throws -> R
    ) async throws -> R {
        let notice = StartNotice()
        defer { notice.end() }
        let opened = try await store.open(
            environment: Self.environment,
            mongod: mongod,
            listening: try listening.map { try .init(address: $0.address, advertise: $0.advertise) },
            busy: busy,
            settings: try Self.settings(),
            logger: logger
        )
        notice.end()
        do {
            let result = try await body(opened)
            await opened.close()
            return result
        } catch {
            await opened.close()
            throw error
        }
    }

    /// A client command: it says nothing about itself unless something is wrong.
    func withClientStore<R>(_ body: (any TrialStore) async throws -> R) async throws -> R {
        let logger = try log.makeLogger(program: "hyperserver", environment: Self.environment, defaultLevel: .warning)
        return try await withStore(logger: logger) { try await body($0.store) }
    }
}

extension TrialStore {
    /// The experiment that a person means: by id, by name (the newest), or `last`.
    func resolve(_ text: String) async throws -> Experiment {
        if let experiment = try await experiment(ExperimentID(text)) { return experiment }
        if let experiment = try await experiments(ExperimentQuery(name: text, newest: 1)).last { return experiment }
        if text == "last" {
            if let experiment = try await experiments(ExperimentQuery(newest: 1)).last { return experiment }
            throw ProgramFailure(.failed, "There is no experiment yet. Make one with `hyperserver create FILE`.")
        }
        throw ProgramFailure(.failed, "There is no experiment \"\(text)\". `hyperserver list` shows what there is.")
    }
}
