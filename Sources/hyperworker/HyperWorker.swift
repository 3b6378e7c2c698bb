import ArgumentParser
import CommandLineSupport
import Coordination
import Execution
import ExperimentModel
import Foundation
import Logging
import StoreOptions
import UnixSignals
import WorkerRuntime
import Workspaces

/// The worker.
@main
enum Main {
    static func main() async {
        // Before anything else is set up: a guard is this program with one argument, and should be small.
        if GuardCommand.isAsked { GuardCommand.run() }
        await Program.main(HyperWorker.self)
    }
}

/// `hyperworker --count N`
struct HyperWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hyperworker",
        abstract: "Claims trials, runs their commands, and reports what came of them.",
        usage: "hyperworker [<options>]",
        discussion: """
            EXAMPLES
              Two trials at once, of every experiment in the store:

              hyperworker --count 2

              Of one experiment, until a minute has passed without work:

              hyperworker --experiment es1a2b3c4 --exit-when-idle 60

              On another machine than the database:

              HYPER_MONGO_URI=mongodb://db.example:27017 hyperworker --count 2

            SIGTERM or Ctrl-C once lets running trials finish (at most --drain-timeout), twice stops them now; \
            stopped trials go back to the queue without charge. While nothing answers it waits (see --connect-timeout). \
            docs/operations.md tells more.
            """,
        version: Version.text,
        subcommands: [Report.self, WorkerDoctor.self, Completions.self]
    )

    @Option(help: "Trials to run at once (1 to 1024; default: 1, with --gpus as many as they are enough for).")
    var count: Int?

    @Option(
        help: ArgumentHelp(
            "GPUs that the slots share out, each for one trial at a time: numbers or ids such as 0,1,2,3, or all. Trials "
                + "find theirs in CUDA_VISIBLE_DEVICES; other workers of this machine are kept off them.",
            valueName: "list"
        )
    )
    var gpus: String?

    @Option(help: "GPUs of each trial, with --gpus (default: 1).")
    var gpusPerTrial: Int?

    @Option(help: ArgumentHelp("Only this experiment, by id; repeatable (default: all).", valueName: "id"))
    var experiment: [String] = []

    @Option(
        help: ArgumentHelp(
            "What this worker is or has, for experiments that require it, such as machine=K80; repeatable.",
            valueName: "name=value"
        )
    )
    var label: [String] = []

    @Option(
        help: ArgumentHelp(
            "File of NAME=value lines, readable by its owner alone: what secret_env and registry_auth name. Also HYPER_SECRETS.",
            valueName: "file"
        ),
        completion: .file()
    )
    var secrets: String?

    @Option(
        help: ArgumentHelp(
            "What runs trials that name a container: podman, docker, or process, which ignores the container (default: the first of podman and docker that can be used). Also HYPER_RUNTIME.",
            valueName: "runtime"
        ),
        completion: .list(TrialRuntime.allCases.map(\.rawValue))
    )
    var runtime: String?

    @Option(help: "Seconds that running trials may go on after the first signal.")
    var drainTimeout: Double = WorkerOptions.defaultDrainTimeout.inSeconds

    @Option(help: "Leave after so many seconds without work (0: as soon as there is none).")
    var exitWhenIdle: Double?

    @Option(help: "Seconds to wait for the store at the start (default: for ever).")
    var connectTimeout: Double?

    @Option(
        help: ArgumentHelp(
            "Where trials keep their files (default: $XDG_CACHE_HOME/hyper/trials or ~/.cache/hyper/trials). Also HYPER_WORKDIR.",
            valueName: "dir"
        ),
        completion: .directory
    )
    var workdir: String?

    @Flag(help: .hidden)
    var leash = false

    @OptionGroup(title: "Store")
    var store: StoreOptions

    @OptionGroup(title: "Log")
    var log: LogOptions

    /// Most slots of one worker.
    static let largestCount = 1024
    /// Longest of the waits that can be set, in seconds.
    static let largestSeconds = 1e9
    /// How far a wait is stretched or cut, so that workers do not act in step.
    static let jitter = 0.9...1.1

    func validate() throws {
        guard (1...Self.largestCount).contains(count ?? 1) else {
            throw ValidationError("--count must be from 1 to \(Self.largestCount).")
        }
        for (name, value) in [
            ("--drain-timeout", drainTimeout), ("--exit-when-idle", exitWhenIdle ?? 0),
            ("--connect-timeout", connectTimeout ?? 0),
        ] where !(0...Self.largestSeconds).contains(value) {
            throw ValidationError("\(name) must be a number of seconds from 0 to \(Int(Self.largestSeconds)).")
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let logger = try log.makeLogger(program: "hyperworker", environment: environment)
        let settings = try CoordinationSettings(checking: environment)
        let workDirectory = try WorkDirectory.find(flag: workdir, environment: environment)
        let id = Self.makeID()
        var traits = WorkerTraits(
            labels: try WorkerLabels.read(label),
            secrets: try readSecrets(environment),
            gpus: try WorkerGPUs(gpus, perTrial: gpusPerTrial, count: count, environment: environment)
        )
        let count = traits.gpus.slots
        let choice = try RuntimeChoice.read(runtime, environment)
        // The guard has no flags: it logs as this program does.
        let logged = log.format.map { ["HYPER_LOG_FORMAT": $0.rawValue] } ?? [:]
        let trialGuard = TrialGuard(
            for: id,
            program: .init(inherited: environment.merging(logged) { $1 }),
            logger: logger
        )
        defer { trialGuard.close() }
        let workspaces = WorkspaceCache(directory: workDirectory + "/workspaces", logger: logger)
        let executor = try ProcessTrialExecutor(
            settings: .init(
                workDirectory: workDirectory,
                host: ProcessInfo.processInfo.hostName,
                programDirectory: Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent().path,
                secrets: traits.secrets,
                workspaces: workspaces,
                engines: EngineSearch(choice, inherited: environment, logger: logger)
            ),
            inherited: environment,
            trialGuard: trialGuard,
            logger: logger
        )
        traits.runtime = try await RuntimeChoice.settle(choice, executor)
        let signals = await WorkerSignals(isLeashed: leash)
        let opened = try await signals.cancelling {
            try await store.wait(
                environment: environment,
                timeout: connectTimeout.map { .seconds($0) },
                busy: count,
                settings: settings,
                logger: logger
            )
        }
        workspaces.use(opened.store)
        let runtime = makeRuntime(id, opened, executor, workDirectory, settings, logger, traits)
        let started = "\(count) \(count == 1 ? "slot" : "slots") on \(opened.place)"
        logger.info("ready: \(started)")
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await signals.deliver(to: runtime) }
            await runtime.run()
            group.cancelAll()
        }
        await opened.close()
    }

    private func readSecrets(_ environment: [String: String]) throws -> Secrets {
        guard let path = secrets ?? environment["HYPER_SECRETS"], !path.isEmpty else { return Secrets() }
        do {
            return try Secrets(path: path)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private static func makeID() -> WorkerID {
        var generator = SystemRandomNumberGenerator()
        let process = ProcessInfo.processInfo
        return WorkerID(host: process.hostName, processID: process.processIdentifier, using: &generator)
    }

    private func makeRuntime(
        _ id: WorkerID,
        _ opened: OpenedStore,
        _ executor: any TrialExecutor,
        _ workDirectory: String,
        _ settings: CoordinationSettings,
        _ logger: Logger,
        _ traits: WorkerTraits
    ) -> WorkerRuntime<ContinuousClock> {
        let process = ProcessInfo.processInfo
        let experiments = experiment.map { ExperimentID($0) }
        var options = WorkerOptions(
            slots: traits.gpus.slots,
            experiments: experiments,
            drainTimeout: .seconds(drainTimeout),
            exitWhenIdle: exitWhenIdle.map { .seconds($0) },
            spoolDirectory: workDirectory,
            resultDirectory: workDirectory,
            gpus: traits.gpus.pool,
            jitter: { Double.random(in: Self.jitter) }
        )
        options.artifacts = ArtifactStorage(
            workDirectory: workDirectory,
            host: process.hostName,
            store: opened.store,
            logger: logger
        )
        return WorkerRuntime(
            store: opened.store,
            executor: executor,
            worker: Worker(
                id: id,
                host: process.hostName,
                processID: process.processIdentifier,
                slots: traits.gpus.slots,
                experiments: experiments,
                version: Version.text,
                labels: traits.labels,
                runtime: traits.runtime,
                secrets: traits.secrets.names,
                gpus: traits.gpus.pool?.devices ?? []
            ),
            options: options,
            settings: settings,
            clock: ContinuousClock(),
            logger: logger
        )
    }
}
