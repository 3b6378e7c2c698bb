import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import OrderedCollections
import SearchSpace

/// `hyperserver retry ID TRIAL…`
struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Gives failed or cancelled trials another attempt, also after the experiment's end.",
        usage: "hyperserver retry <id> <trial> ... [<options>]",
        discussion: """
            EXAMPLES
              hyperserver retry last 3
              hyperserver retry digits 3 5 8

            The trial keeps its number, its values and the record of its attempts; its retries count anew. `hyperserver \
            trials ID` shows which trials failed, `hyperserver logs ID TRIAL` why.
            """
    )

    @OptionGroup
    var target: ExperimentTarget

    @Argument(help: ArgumentHelp("Numbers of the trials.", valueName: "trial"))
    var trials: [Int]

    func validate() throws {
        if trials.isEmpty { throw ValidationError("Give the number of at least one trial.") }
    }

    func run() async throws {
        try await target.common.withClientStore { store in
            let found = try await store.resolve(target.id)
            var views: [ParameterValue] = []
            var refusals: [String] = []
            for number in trials {
                let id = TrialID(experiment: found.id, number: number)
                guard let trial = try await Steering.retry(id, store) else {
                    refusals.append(
                        "Experiment \(found.id) has no trial \(number). `hyperserver trials \(found.id)` lists them."
                    )
                    continue
                }
                guard !trial.state.isTerminal else {
                    refusals.append(
                        "Trial \(number) is \(trial.state.name): only trials in state error or cancelled can be repeated. "
                            + "`hyperserver enqueue \(found.id) NAME=VALUE…` tries the same values in a new trial."
                    )
                    continue
                }
                views.append(TrialView.json(trial))
                if !target.json { Console.print("Trial \(number) is \(trial.state.name) again.") }
            }
            if target.json { Console.print(ParameterValue.mapping(["trials": .list(views)]).json) }
            if !target.json, !views.isEmpty, let experiment = try await store.experiment(found.id) {
                try await Steering.printLeaderHint(experiment, store)
            }
            if !refusals.isEmpty { throw ProgramFailure(.failed, refusals.joined(separator: "\n")) }
        }
    }
}
