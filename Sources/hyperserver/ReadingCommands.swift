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

/// `hyperserver status ID`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows where an experiment stands.")

    @Argument(help: "Id or name of the experiment, or `last`.")
    var id: String

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup
    var common: CommonOptions

    func run() async throws {
        try await common.withClientStore { store in
            let experiment = try await store.resolve(id)
            let counts = try await store.trialCounts(of: experiment.id)
            let best = try await store.bestTrial(of: experiment.id)
            if json {
                Console.print(ExperimentView.json(experiment, counts: counts, best: best).json)
                return
            }
            let workers = try await store.liveWorkers(within: try CommonOptions.settings().trialLease)
            for line in Text.status(experiment, counts: counts, best: best, workers: workers) { Console.print(line) }
        }
    }
}

/// `hyperserver trials ID`
struct Trials: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the trials of an experiment.")

    @Argument(help: "Id or name of the experiment, or `last`.")
    var id: String

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup
    var common: CommonOptions

    func run() async throws {
        try await common.withClientStore { store in
            let experiment = try await store.resolve(id)
            let trials = try await store.trials(of: experiment.id, .all)
            if json {
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

/// `hyperserver best ID`
struct Best: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows the best trial of an experiment.")

    @Argument(help: "Id or name of the experiment, or `last`.")
    var id: String

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup
    var common: CommonOptions

    func run() async throws {
        try await common.withClientStore { store in
            let experiment = try await store.resolve(id)
            guard let best = try await store.bestTrial(of: experiment.id) else {
                throw ProgramFailure(.failed, "Experiment \(experiment.id) has no best trial yet: none has succeeded.")
            }
            if json {
                Console.print(TrialView.json(best).json)
            } else {
                for line in Text.best(best, of: experiment) { Console.print(line) }
            }
        }
    }
}
