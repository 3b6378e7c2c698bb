import ArgumentParser
import CommandLineSupport
import EmbeddedMongo
import Logging
import MongoTrialStore
import StoreOptions

/// `hyperserver mongo-init`
struct InitializeMongo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mongo-init",
        abstract: "Makes a fresh mongod of your own into the store that a URI names.",
        usage: "hyperserver mongo-init --key-file <file> [<options>]",
        discussion: """
            EXAMPLES
              mongod --replSet hyper --keyFile mongo.key --bind_ip_all --dbpath data
              hyperserver mongo-init --key-file mongo.key --mongo-uri-file uri.example

            The URI names one host, a replica set, a user and a password. mongod becomes the only member of that set; the \
            user is made, or gets this password, and may read and write the database (--database). The key opens mongod \
            for that, so no administrator's account is needed. What is there already stays, so this can be run at each \
            start of a service. Exit status: 0 when the URI works; 64 for a URI or key file that will not do; 69 when \
            mongod does not answer within 90 seconds or refuses.
            """
    )

    @Option(
        help: ArgumentHelp(
            "The file that mongod got as --keyFile, readable by you alone. Also HYPER_MONGO_KEY_FILE.",
            valueName: "file"
        ),
        completion: .file()
    )
    var keyFile: String?

    @OptionGroup(title: "Store")
    var store: StoreOptions

    @OptionGroup(title: "Log")
    var log: LogOptions

    func run() async throws {
        let environment = CommonOptions.environment
        let logger = try log.makeLogger(program: "hyperserver", environment: environment, defaultLevel: .warning)
        guard let keyFile = keyFile ?? environment["HYPER_MONGO_KEY_FILE"], !keyFile.isEmpty else {
            throw ProgramFailure(.usage, "No key file. Give the file that mongod got as --keyFile with --key-file.")
        }
        guard case .server(let uri) = try store.location(environment: environment) else {
            throw ProgramFailure(
                .usage,
                "No URI. Give the one that the programs are to use with --mongo-uri-file, or in HYPER_MONGO_URI."
            )
        }
        let database = try store.databaseName(environment: environment, default: MongoTrialStore.defaultDatabase)
        do {
            let setup = try ServerSetup(uri: uri, database: database, keyFile: keyFile, logger: logger)
            let outcome = try await setup.run()
            Console.print(
                TextTable.printable("\(outcome.member) is the primary of the replica set \(outcome.replicaSet).")
            )
            Console.print(TextTable.printable("User \(outcome.user) can read and write the database \(database)."))
        } catch let error as ServerSetupError {
            throw ProgramFailure(error.isUsage ? .usage : .unavailable, TextTable.printable("\(error)"))
        }
    }
}
