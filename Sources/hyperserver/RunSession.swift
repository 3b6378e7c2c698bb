import CommandLineSupport
import Coordination
import EmbeddedMongo
import ExperimentModel
import Logging
import StoreOptions
import SystemPackage
import TerminalView
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
        let isInterrupted = try await live()
        let end = try await opened.store.experiment(id) ?? experiment
        if isInterrupted, !end.state.isTerminal {
            Console.print("paused; go on with: hyperserver run --resume \(id)")
            throw ProgramFailure(.interrupted)
        }
        try await ExperimentReport.print(end, opened.store, isOurRun: true)
        try ExperimentReport.check(end, best: try await opened.store.bestTrial(of: id))
    }

    /// Leads and works while the progress is shown. - Returns: whether a person interrupted the run.
    private func live() async throws -> Bool {
        let output = LiveOutput(experiment, store: opened.store, settings: settings, isOurRun: true)
        defer { output.finish() }
        // Workers that wrote to the terminal themselves would tear the frame.
        let relay = LiveOutput.isLive ? try LineRelay() : nil
        do {
            let isInterrupted = try await supervise(try makeFleet(output: relay?.writeEnd), output)
            await relay?.finish()
            await output.paintLast()
            return isInterrupted
        } catch {
            await relay?.finish()
            throw error
        }
    }

    private func makeFleet(output: FileDescriptor?) throws -> WorkerFleet {
        var arguments = ["--leash", "--count", "1", "--experiment", id.rawValue] + workerArguments
        var environment: [String: String] = [:]
        if let embedded = opened.embedded {
            arguments += ["--data-dir", embedded.dataDirectory.path]
        } else {
            // By the environment, since argv is for everyone to read.
            environment["HYPER_MONGO_URI"] = opened.uri
        }
        return try WorkerFleet(
            count: workerCount,
            arguments: arguments,
            environment: environment,
            output: output,
            logger: logger
        )
    }

    private func pause() async {
        do {
            _ = try await opened.store.setPaused(true, experiment: id)
        } catch {
            // Then it stays as it is, and `--resume` works all the same.
            logger.warning("the experiment could not be paused: \(error)")
        }
    }

    /// - Returns: whether a person interrupted the run.
    private func supervise(_ fleet: WorkerFleet, _ output: LiveOutput) async throws -> Bool {
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
                await output.run()
                return .other
            }
            group.addTask {
                do {
                    try await output.feed.run()
                } catch is CancellationError {
                    // The end.
                } catch {
                    // Whether it is a reason to stop is for the leader to say.
                    logger.warning("the progress cannot be shown any more: \(error)")
                }
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
            var (isInterrupted, hasEnded) = (false, false)
            while let event = try await group.next() {
                switch event {
                case .experimentEnded:
                    hasEnded = true
                    fleet.drain()
                case .interrupted:
                    isInterrupted = true
                    Console.print("lets running trials finish; Ctrl-C again stops them")
                    // The drain comes first: it needs no store.
                    fleet.drain()
                    await pause()
                case .workersEnded:
                    // All of them were asked to leave (`hyperserver drain`): nothing would go on here.
                    if !isInterrupted, !hasEnded {
                        isInterrupted = true
                        await pause()
                    }
                    return isInterrupted
                case .other: break
                }
            }
            return isInterrupted
        }
    }
}
