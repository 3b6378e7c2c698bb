public import ArgumentParser
import Coordination
public import Diagnosis
import EmbeddedMongo
public import Logging
import MongoTrialStore
import SearchSpace
public import StoreOptions

/// How `doctor` prints, the same in both programs.
public struct DoctorOptions: ParsableArguments, Sendable {
    /// Print JSON.
    @Flag(help: "Print JSON.")
    public var json = false

    /// Print only what is not as it should be.
    @Flag(help: "Print only what is not ok, and nothing when all is well: for health checks.")
    public var quiet = false

    /// The directory whose place is checked.
    @Option(
        help: ArgumentHelp(
            "Where trials keep their files (default: $XDG_CACHE_HOME/hyper/trials or ~/.cache/hyper/trials). Also HYPER_WORKDIR.",
            valueName: "dir"
        )
    )
    public var workdir: String?

    /// Without options.
    public init() {}
}

/// Gathers the checks of `doctor` and ends the program as they turn out.
public struct DoctorRun: Sendable {
    private let options: DoctorOptions
    private let store: StoreOptions
    private let environment: [String: String]
    private let mongod: String?
    private let isServer: Bool
    private let logger: Logger

    /// A run that has not begun.
    /// - Parameters:
    ///   - mongod: the value of `--mongod`.
    ///   - isServer: whether this is the program that may start an embedded store, and that needs a worker.
    public init(
        options: DoctorOptions,
        store: StoreOptions,
        environment: [String: String],
        mongod: String?,
        isServer: Bool,
        logger: Logger
    ) {
        self.options = options
        self.store = store
        self.environment = environment
        self.mongod = mongod
        self.isServer = isServer
        self.logger = logger
    }

    /// Checks and prints.
    /// - Parameters:
    ///   - before: what is known already, such as that the store could not be started.
    ///   - extra: checks of the caller's own, which come last.
    /// - Throws: ``ProgramFailure`` without a message, with the status that the findings deserve.
    public func run(before: [Finding] = [], extra: [Check] = []) async throws {
        let machine = MachineExamination(
            workDirectory: WorkDirectory.path(flag: options.workdir, environment: environment),
            environment: environment,
            version: Version.text,
            worker: WorkerProgram.find(environment: environment),
            looksForWorker: isServer,
            // A health check is made again and again, and should leave no traces.
            triesContainers: !options.quiet
        )
        let store = storeExamination()
        async let machineFindings = Check.run(machine.checks)
        async let storeFindings = store.findings()
        async let extraFindings = Check.run(extra)
        let report = DoctorReport(await machineFindings + before + storeFindings + extraFindings)
        if options.json {
            Console.print(report.json.json)
        } else {
            for line in report.lines(isQuiet: options.quiet) { Console.print(line) }
        }
        switch report.verdict {
        case .healthy: return
        case .failing: throw ProgramFailure(.failed)
        case .storeUnusable: throw ProgramFailure(.unavailable)
        }
    }

    private func storeExamination() -> StoreExamination {
        var place: StoreExamination.Place
        var database = MongoTrialStore.defaultDatabase
        do {
            database = try store.databaseName(environment: environment, default: database)
            switch try store.location(environment: environment) {
            case .server(let uri): place = .server(uri: uri)
            case .embedded(let directory):
                place = .embedded(directory, MongodLookup(explicit: mongod, environment: environment))
            }
        } catch {
            place = .unknown("\(error)")
        }
        return StoreExamination(
            place,
            database: database,
            settings: CoordinationSettings(environment: environment) ?? CoordinationSettings(),
            version: Version.text,
            isServer: isServer,
            logger: logger
        )
    }
}
