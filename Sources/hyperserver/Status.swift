import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import Inspection
import SearchSpace

/// `hyperserver status ID`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows where an experiment stands.",
        usage: "hyperserver status <id> [<options>]"
    )

    @OptionGroup
    var target: ExperimentTarget

    func run() async throws {
        try await target.common.withClientStore { store in
            let experiment = try await store.resolve(target.id)
            let lease = try CommonOptions.settings().trialLease
            let overview = try await ExperimentOverview(of: experiment, in: store, lease: lease)
            if target.json {
                Console.print(ExperimentView.json(overview).json)
            } else {
                for line in Text.status(overview) { Console.print(line) }
            }
        }
    }
}
