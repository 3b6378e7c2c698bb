import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentFile
import ExperimentModel
import SearchSpace

/// `hyperserver set ID KEY=VALUE…`
struct SetLimits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Changes the limits of an experiment, also of one that has ended.",
        usage: "hyperserver set <id> <key=value> ... [<options>]",
        discussion: """
            EXAMPLES
              hyperserver set last max_trials=+50
              hyperserver set digits max_duration=2h trial_timeout=none goal_value=0.99

            Keys: \(LimitsEdit.keys.joined(separator: ", ")). `+` and `-` change a count or a duration by an amount, \
            `none` lifts a limit. An experiment that has ended is reopened, and ends again when a limit is reached. \
            docs/file-format.md tells what each limit means.
            """
    )

    @OptionGroup
    var target: ExperimentTarget

    @Argument(help: ArgumentHelp("What to change.", valueName: "key=value"))
    var changes: [String]

    func run() async throws {
        let edit = try DefinitionReading.checked { () throws(ExperimentFileErrors) in try LimitsEdit(changes) }
        try await target.common.withClientStore { store in
            let found = try await store.resolve(target.id)
            let experiment = try await Steering.changeLimits(of: found, by: edit, store)
            if target.json {
                Console.print(ExperimentView.limits(of: experiment).json)
                return
            }
            let reopened = found.state.isTerminal && !experiment.state.isTerminal ? " and open again" : ""
            Console.print("Experiment \(experiment.id) is \(experiment.state.rawValue)\(reopened).")
            for line in Text.limits(experiment.limits) { Console.print("  " + line) }
            let dropped = try await Self.dropped(by: experiment.limits, before: found.limits, of: experiment.id, store)
            if dropped > 0 {
                let trials = dropped == 1 ? "1 waiting trial lies" : "\(dropped) waiting trials lie"
                Console.print("\(trials) beyond max_trials and will not run.")
            }
            try await Steering.printLeaderHint(experiment, store)
        }
    }

    /// Trials that nothing happened to yet, with numbers beyond a limit that was lowered: the server cancels them.
    private static func dropped(
        by new: Limits,
        before old: Limits,
        of id: ExperimentID,
        _ store: any TrialStore
    ) async throws -> Int {
        guard let most = new.maxTrials, most < old.maxTrials ?? .max else { return 0 }
        return try await store.trials(of: id, TrialQuery(states: [.new])).count {
            $0.id.number > most && $0.version == 0
        }
    }
}
