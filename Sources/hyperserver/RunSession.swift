import CommandLineSupport
import Coordination
import EmbeddedMongo
import ExperimentModel
import Logging
import StoreOptions
import UnixSignals

/// One `hyperserver run`: leads the experiment, keeps its workers running, tells of the progress, and ends them all.
struct RunSession {
    let opened: OpenedStore
    let experiment: Experiment
    let workerCount: Int
    let workerArguments: [String]
    let settings: CoordinationSettings
    let logger: Logger

    private enum Event: Sendable {
        case experimentEnded
        case workersEnded
        case interrupted
        case other
    }

    private var id: ExperimentID { experiment.id }

    /// Runs to the end. - Throws: ``ProgramFailure`` for every end that is not a success.
    func run() async throws {
        let workers = "\(workerCount) \(workerCount == 1 ? "worker" : "workers")"
        Console.print("experiment \(id) (\(TextTable.printable(experiment.definition.name))), \(workers)")
        let fleet = try makeFleet()
        let isInterrupted = try await supervise(fleet)
        let end = try await opened.store.experiment(id) ?? experiment
        let best = try await opened.store.bestTrial(of: id)
        if isInterrupted, !end.state.isTerminal {
            Console.print("paused; go on with: hyperserver run --resume \(id)")
            throw ProgramFailure(.interrupted)
        }
        try report(end, best, counts: try await opened.store.trialCounts(of: id))
    }

    private func makeFleet() throws -> WorkerFleet {
        var arguments = ["--leash", "--count", "1", "--experiment", id.rawValue] + workerArguments
        var environment: [String: String] = [:]
        if let embedded = opened.embedded {
            arguments += ["--data-dir", embedded.dataDirectory.path]
        } else {
            // By the environment, since argv is for everyone to read.
            environment["HYPER_MONGO_URI"] = opened.uri
        }
        return try WorkerFleet(count: workerCount, arguments: arguments, environment: environment, logger: logger)
    }

    /// - Returns: whether a person interrupted the run.
    private func supervise(_ fleet: WorkerFleet) async throws -> Bool {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let leader = LeaderService(
            store: opened.store,
            scope: .only(id),
            leader: ServerIdentity.make(),
            settings: settings,
            clock: ContinuousClock(),
            logger: logger
        )
        let interruptions = AsyncStream.makeStream(of: Void.self)
        return try await withThrowingTaskGroup(of: Event.self) { group in
            // Whatever happens, no worker outlives this call.
            defer {
                fleet.stop()
                group.cancelAll()
            }
            group.addTask {
                try await leader.run()
                return .experimentEnded
            }
            group.addTask {
                try await fleet.run()
                return .workersEnded
            }
            group.addTask {
                var progress = Progress(store: opened.store, experiment: experiment)
                await progress.run()
                return .other
            }
            group.addTask {
                var count = 0
                for await _ in signals {
                    count += 1
                    if count == 1 { interruptions.continuation.yield() } else { fleet.stop() }
                }
                return .other
            }
            group.addTask {
                for await _ in interruptions.stream { return .interrupted }
                return .other
            }
            if let embedded = opened.embedded {
                group.addTask {
                    await embedded.keepRunning()
                    return .other
                }
            }
            var isInterrupted = false
            while let event = try await group.next() {
                switch event {
                case .experimentEnded: fleet.drain()
                case .interrupted:
                    isInterrupted = true
                    Console.print("lets running trials finish; Ctrl-C again stops them")
                    // The drain comes first: it needs no store.
                    fleet.drain()
                    do {
                        _ = try await opened.store.setPaused(true, experiment: id)
                    } catch {
                        // Then it stays as it is, and `--resume` works all the same.
                        logger.warning("the experiment could not be paused: \(error)")
                    }
                case .workersEnded: return isInterrupted
                case .other: break
                }
            }
            return isInterrupted
        }
    }

    private func report(_ end: Experiment, _ best: Trial?, counts: [TrialState: Int]) throws {
        let reason = end.ending.map { " (\($0.reason.rawValue))" } ?? ""
        Console.print("\(end.state.rawValue)\(reason), \(Text.counts(counts))")
        if let best { for line in Text.best(best, of: end) { Console.print(line) } }
        switch end.state {
        case .failed: throw ProgramFailure(.failed, end.ending?.message ?? "the experiment failed")
        case .cancelled: throw ProgramFailure(.interrupted)
        case _ where best == nil:
            throw ProgramFailure(
                .failed,
                "no trial succeeded; `hyperserver trials \(id)` and `hyperserver logs \(id)` tell more"
            )
        default: break
        }
    }
}
