import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import OrderedCollections
import SearchSpace

/// `hyperserver list`
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the experiments, oldest first.")

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup
    var common: CommonOptions

    func run() async throws {
        try await common.withClientStore { store in
            var views: [ParameterValue] = []
            var table = TextTable(["ID", "NAME", "STATE", ">TRIALS", ">DONE", ">BEST", "CREATED"])
            for experiment in try await store.experiments(ExperimentQuery()) {
                let counts = try await store.trialCounts(of: experiment.id)
                let best = try await store.bestTrial(of: experiment.id)
                views.append(ExperimentView.json(experiment, counts: counts, best: best))
                table.add([
                    experiment.id.rawValue, experiment.definition.name, experiment.state.rawValue,
                    String(counts.values.reduce(0, +)), String(counts[.done] ?? 0),
                    best?.value.map(Text.number) ?? "-", experiment.createdAt.text,
                ])
            }
            if json {
                Console.print(ParameterValue.mapping(["experiments": .list(views)]).json)
            } else {
                for line in table.lines { Console.print(line) }
            }
        }
    }
}
