import ArgumentParser
import CommandLineSupport
import Coordination
import EmbeddedMongo
import ExperimentModel
import Logging
import StoreOptions
import UnixSignals

/// `hyperserver start [FILE…]`
struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the service: leads every unfinished experiment of the store.",
        usage: "hyperserver start [<file> ...] [<options>]",
        discussion: """
            EXAMPLES
              hyperserver start
              hyperserver start experiment.yaml
              hyperserver start --store-listen 0.0.0.0 --advertise head.example

            Experiments go on where they stood after a restart. Several servers may share a store; each experiment has \
            one leader. Trials are run by `hyperworker`, here or elsewhere: the last example prints the line that starts \
            one on another node. Ctrl-C stops the server; workers finish what they run. docs/operations.md tells more.
            """
    )

    @Argument(help: "Experiment files to create first.", completion: .file())
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "Open the embedded store to other nodes on this address (0.0.0.0 for all).",
            valueName: "addr"
        )
    )
    var storeListen: String?

    @Option(
        help: ArgumentHelp(
            "The name or address under which other nodes reach this machine (default: its host name).",
            valueName: "host"
        )
    )
    var advertise: String?

    @OptionGroup
    var common: CommonOptions

    /// Calls to the store that run at once in a server that leads many experiments.
    static let busyCalls = 8

    func validate() throws {
        if advertise != nil, storeListen == nil { throw ValidationError("--advertise needs --store-listen.") }
    }

    func run() async throws {
        let logger = try common.log.makeLogger(program: "hyperserver", environment: CommonOptions.environment)
        let definitions = try files.map { try DefinitionReading.read($0) }
        let settings = try CommonOptions.settings()
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await common.withStore(
            logger: logger,
            busy: Self.busyCalls,
            listening: storeListen.map { ($0, advertise) }
        ) { opened in
            for definition in definitions {
                Console.print("created experiment \(try await opened.store.create(definition).id)")
            }
            Console.print("leads the experiments of \(opened.place); stop with Ctrl-C")
            if let line = Self.remoteLine(opened.embedded) { Console.print(line) }
            let service = LeaderService(
                store: opened.store,
                scope: .all,
                leader: ServerIdentity.make(),
                settings: settings,
                clock: ContinuousClock(),
                logger: logger
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                group.addTask {
                    for await signal in signals {
                        logger.info("\(signal): gives up its leads and stops")
                        return
                    }
                }
                if let embedded = opened.embedded {
                    group.addTask {
                        await embedded.keepRunning()
                        // Only ends when cancelled or closed; until then the others decide.
                    }
                }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    /// The line that starts a worker on another node; the password goes by the environment, not by argv.
    static func remoteLine(_ embedded: EmbeddedStore?) -> String? {
        guard let uri = embedded?.advertisedURI else { return nil }
        return "on other nodes: HYPER_MONGO_URI='\(uri)' hyperworker --count 2"
    }
}
