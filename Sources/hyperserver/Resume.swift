import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import SearchSpace

/// `hyperserver resume ID`
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Goes on with a paused experiment.",
        usage: "hyperserver resume <id> [<options>]",
        discussion: """
            EXAMPLES
              hyperserver resume last
              hyperserver resume digits --json

            A server has to lead it and workers have to run its trials; `hyperserver run --resume ID` is all of that here.
            """
    )

    @OptionGroup
    var target: ExperimentTarget

    func run() async throws {
        try await target.common.withClientStore { store in
            let found = try await store.resolve(target.id)
            let experiment = try await store.setPaused(false, experiment: found.id) ?? found
            guard !experiment.state.isTerminal, experiment.state != .paused else {
                throw Steering.refusal(experiment, "be resumed")
            }
            if target.json {
                Console.print(ExperimentView.state(experiment).json)
                return
            }
            Console.print("Experiment \(experiment.id) is \(experiment.state.rawValue).")
            try await Steering.printLeaderHint(experiment, store)
        }
    }
}
