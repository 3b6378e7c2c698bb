import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import OrderedCollections
import SearchSpace

/// `hyperserver list`
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the experiments, oldest first.",
        usage: "hyperserver list [<options>]"
    )

    @Option(
        help: ArgumentHelp(
            "Only experiments in these states: created, running, paused, completed, failed, cancelled.",
            valueName: "states"
        )
    )
    var state: String?

    @Option(help: "Only experiments of this name.")
    var name: String?

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup
    var common: CommonOptions

    func validate() throws { _ = try states() }

    private func states() throws -> Set<ExperimentState>? {
        guard let state else { return nil }
        return try Set(
            state.split(separator: ",", omittingEmptySubsequences: false).map { word in
                guard let found = ExperimentState(rawValue: String(word)) else {
                    let names = ExperimentState.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("--state knows no state \"\(word)\"; there are \(names).")
                }
                return found
            }
        )
    }

    func run() async throws {
        let states = try states()
        try await common.withClientStore { store in
            var views: [ParameterValue] = []
            var table = TextTable(["ID", "NAME", "STATE", ">TRIALS", ">DONE", ">BEST", "LEADER", "CREATED"])
            let experiments = try await store.experiments(ExperimentQuery(name: name)).filter { experiment in
                states?.contains(experiment.state) ?? true
            }
            let now = try await store.now()
            let allCounts = try await store.trialCounts(of: experiments.map(\.id))
            let allBest = try await store.bestTrials(of: experiments.map(\.id))
            for experiment in experiments {
                let counts = allCounts[experiment.id] ?? [:]
                let best = allBest[experiment.id]
                let lead = experiment.lead(at: now)
                views.append(ExperimentView.json(experiment, counts: counts, best: best, lead: lead))
                table.add([
                    experiment.id.rawValue, experiment.definition.name, experiment.state.rawValue,
                    String(counts.values.reduce(0, +)), String(counts[.done] ?? 0),
                    best?.value.map(Text.number) ?? "-",
                    experiment.state.isTerminal ? "-" : lead.map { Text.server($0.leader) } ?? "nobody",
                    experiment.createdAt.text,
                ])
            }
            if json {
                Console.print(ParameterValue.mapping(["experiments": .list(views)]).json)
            } else {
                for line in StandardOutput.fitted(table, CommonOptions.environment) { Console.print(line) }
            }
        }
    }
}
