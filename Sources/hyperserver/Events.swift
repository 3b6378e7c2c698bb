import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import Inspection
import SearchSpace

/// `hyperserver events ID`
struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tells what happened to an experiment and its trials, oldest first.",
        usage: "hyperserver events <id> [<trial>] [<options>]",
        discussion: "With --json and --follow, each event is a JSON object on a line of its own."
    )

    @OptionGroup
    var target: ExperimentTarget

    @Argument(help: ArgumentHelp("Only what happened to this trial.", valueName: "trial"))
    var operand: Int?

    @Flag(name: [.short, .long], help: "Go on with what happens, until the experiment has ended.")
    var follow = false

    @Option(name: .customLong("trial"), help: ArgumentHelp("The same as the operand.", valueName: "number"))
    var option: Int?

    private var trial: Int? { operand ?? option }

    @Option(help: ArgumentHelp("Only so many, the newest (default: all).", valueName: "count"))
    var last: Int?

    func validate() throws {
        if operand != nil, option != nil { throw ValidationError("Name the trial once: without --trial.") }
        if let last, last < 0 { throw ValidationError("--last takes a number from 0.") }
    }

    func run() async throws {
        try await target.common.withClientStore { store in
            let experiment = try await store.resolve(target.id)
            if let trial, try await store.trials(of: experiment.id, .number(trial)).isEmpty {
                throw ProgramFailure(.failed, "Experiment \(experiment.id) has no trial \(trial).")
            }
            if follow {
                try await follow(experiment, store)
            } else {
                show(try await events(of: experiment, store), experiment)
            }
        }
    }

    private func events(of experiment: Experiment, _ store: any TrialStore) async throws -> [ExperimentEvent] {
        let trials =
            if let trial {
                try await store.trials(of: experiment.id, .number(trial))
            } else if let last {
                // The last events belong to the trials that were touched last.
                try await store.latestTrials(of: experiment.id, count: last)
            } else {
                try await store.trials(of: experiment.id, .all)
            }
        let stored = try await store.events(of: experiment.id)
        let all = ExperimentEvents.timeline(experiment, trials: trials, stored: stored)
        let wanted = trial.map { number in all.filter { $0.trial == number } } ?? all
        return wanted.suffix(last ?? wanted.count)
    }

    private func show(_ events: [ExperimentEvent], _ experiment: Experiment) {
        if target.json {
            Console.print(EventView.list(events).json)
        } else {
            for event in events { Console.print(EventText.line(event, of: experiment)) }
        }
    }

    private func follow(_ experiment: Experiment, _ store: any TrialStore) async throws {
        let (isJSON, last, trial) = (target.json, last, trial)
        @Sendable func tell(_ events: [ExperimentEvent]) {
            for event in events {
                Console.print(isJSON ? EventView.json(event).json : EventText.line(event, of: experiment))
            }
        }
        try await Interruptible.run {
            var follower = EventFollower(store: store, experiment: experiment.id, trial: trial)
            let past = try await follower.refresh()
            tell(Array(past.suffix(last ?? past.count)))
            if follower.isFinished { return }
            try await Following.run(store, clock: ContinuousClock()) { events, isTick in
                for case .trial(let found) in events { tell(try await follower.see(found)) }
                if events.contains(.resync) {
                    tell(try await follower.refresh())
                } else if isTick || events.contains(.experiment(experiment.id)) {
                    tell(try await follower.look())
                }
                return !follower.isFinished && !StandardOutput.isClosed
            }
        }
    }
}
