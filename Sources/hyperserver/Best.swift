import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import SearchSpace

/// `hyperserver best ID`
struct Best: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows the best trial of an experiment.")

    @OptionGroup
    var target: ExperimentTarget

    func run() async throws {
        try await target.common.withClientStore { store in
            let experiment = try await store.resolve(target.id)
            guard let best = try await store.bestTrial(of: experiment.id) else {
                throw ProgramFailure(.failed, "Experiment \(experiment.id) has no best trial yet: none has succeeded.")
            }
            if target.json {
                Console.print(TrialView.json(best).json)
            } else {
                for line in Text.best(best, of: experiment) { Console.print(line) }
            }
        }
    }
}
