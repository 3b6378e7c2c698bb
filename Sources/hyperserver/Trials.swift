import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import SearchSpace

/// `hyperserver trials ID`
struct Trials: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the trials of an experiment.")

    @OptionGroup
    var target: ExperimentTarget

    func run() async throws {
        try await target.common.withClientStore { store in
            let experiment = try await store.resolve(target.id)
            let trials = try await store.trials(of: experiment.id, .all)
            if target.json {
                Console.print(TrialView.list(trials).json)
                return
            }
            var table = TextTable([">TRIAL", "STATE", "CAUSE", ">VALUE", ">ATTEMPTS", "PARAMETERS"])
            for trial in trials {
                table.add([
                    String(trial.id.number), trial.state.name, trial.cause?.rawValue ?? "-",
                    trial.value.map(Text.number) ?? "-", String(trial.attempt), Text.assignment(trial.assignment),
                ])
            }
            for line in table.lines { Console.print(line) }
        }
    }
}
