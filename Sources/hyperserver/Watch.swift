import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import EmbeddedMongo
import ExperimentModel
import Logging
import SearchSpace
import StoreOptions
import TerminalView
import UnixSignals

/// `hyperserver watch ID`
struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows an experiment live until it ends, whoever leads it.",
        usage: "hyperserver watch <id> [<options>]",
        discussion: """
            On a terminal: progress, best trial, running trials, workers, and why anything waits. Elsewhere: a line \
            when something has changed, at most every 2 seconds. With --json: the line of `status --json` for every \
            change, the last one of the ended experiment.

            The exit status is that of `run`: 0 completed with a best trial, 1 failed, 2 cancelled. Ctrl-C ends the \
            watching with 2 and leaves the experiment alone.
            """
    )

    @OptionGroup
    var target: ExperimentTarget

    private enum Event: Sendable {
        case ended
        case interrupted
        case other
    }

    func run() async throws {
        let settings = try CommonOptions.settings()
        let logger = try target.common.log.makeLogger(
            program: "hyperserver",
            environment: CommonOptions.environment,
            defaultLevel: .warning
        )
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await target.common.withStore(logger: logger) { opened in
            let store = opened.store
            let found = try await store.resolve(target.id)
            if !found.state.isTerminal, try await !follow(found, opened, settings, signals) {
                if !target.json {
                    Console.print("stopped watching; the experiment goes on: hyperserver watch \(found.id)")
                }
                throw ProgramFailure(.interrupted)
            }
            guard let end = try await store.experiment(found.id) else {
                throw TrialStoreError.noSuchExperiment(found.id)
            }
            let best = try await store.bestTrial(of: end.id)
            if target.json {
                let counts = try await store.trialCounts(of: end.id)
                let failures = try await store.failureCauses(of: end.id)
                let plain = ExperimentView.json(end, counts: counts, best: best, failures: failures, delayed: [])
                let stopped = try await store.stoppedCount(of: end.id)
                let policies = end.definition.earlyTermination
                Console.print(ExperimentView.adding(stopped: stopped, policies, to: plain).json)
            } else {
                try await ExperimentReport.print(end, store, isOurRun: false)
            }
            try ExperimentReport.check(end, best: best)
        }
    }

    /// - Returns: whether the experiment ended; else a person wants no more.
    private func follow(
        _ experiment: Experiment,
        _ opened: OpenedStore,
        _ settings: CoordinationSettings,
        _ signals: UnixSignalsSequence
    ) async throws -> Bool {
        let json: (@Sendable (LiveSnapshot) -> String?)? =
            target.json ? { @Sendable snapshot in Self.line(snapshot) } : nil
        let output = LiveOutput(
            experiment,
            store: opened.store,
            settings: settings,
            isOurRun: false,
            json: json
        )
        defer { output.finish() }
        let changes = output.feed.changes()
        let hasEnded = try await withThrowingTaskGroup(of: Event.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await output.feed.run()
                return .other
            }
            group.addTask {
                await output.run()
                return .other
            }
            group.addTask {
                for await _ in changes where output.feed.snapshot.experiment.state.isTerminal { return .ended }
                return .other
            }
            group.addTask {
                for await _ in signals { return .interrupted }
                return .other
            }
            if let embedded = opened.embedded {
                group.addTask {
                    await embedded.keepRunning()
                    return .other
                }
            }
            while let event = try await group.next() {
                if event != .other { return event == .ended }
            }
            return false
        }
        if hasEnded { await output.paintLast() }
        return hasEnded
    }

    /// The line of `status --json`; `nil` at the end, which has its own, so that it is printed once.
    private static func line(_ snapshot: LiveSnapshot) -> String? {
        if snapshot.experiment.state.isTerminal { return nil }
        let plain = ExperimentView.json(
            snapshot.experiment,
            counts: snapshot.counts,
            best: snapshot.best,
            failures: snapshot.failures,
            delayed: snapshot.delayed
        )
        let policies = snapshot.experiment.definition.earlyTermination
        return ExperimentView.adding(stopped: snapshot.stopped, policies, to: plain).json
    }
}
