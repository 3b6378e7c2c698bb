import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import SearchSpace

/// `hyperserver status ID`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows where an experiment stands.")

    @OptionGroup
    var target: ExperimentTarget

    func run() async throws {
        try await target.common.withClientStore { store in
            let experiment = try await store.resolve(target.id)
            let counts = try await store.trialCounts(of: experiment.id)
            let best = try await store.bestTrial(of: experiment.id)
            if target.json {
                Console.print(ExperimentView.json(experiment, counts: counts, best: best).json)
                return
            }
            let workers = try await store.liveWorkers(within: try CommonOptions.settings().trialLease)
            for line in Text.status(experiment, counts: counts, best: best, workers: workers) { Console.print(line) }
        }
    }
}
