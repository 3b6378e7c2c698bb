import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import SearchSpace

/// `hyperserver pause ID`
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pauses an experiment: running trials finish, no further one begins.",
        usage: "hyperserver pause <id> [<options>]",
        discussion: """
            EXAMPLES
              hyperserver pause last
              hyperserver pause digits --json

            The pause does not count for max_duration. `hyperserver resume ID` goes on.
            """
    )

    @OptionGroup
    var target: ExperimentTarget

    func run() async throws {
        try await target.common.withClientStore { store in
            let found = try await store.resolve(target.id)
            let experiment = try await store.setPaused(true, experiment: found.id) ?? found
            guard experiment.state == .paused else { throw Steering.refusal(experiment, "be paused") }
            if target.json {
                Console.print(ExperimentView.state(experiment).json)
                return
            }
            let running = try await store.trialCounts(of: experiment.id)[.running] ?? 0
            let rest = running == 0 ? "" : "; \(running) running \(running == 1 ? "trial finishes" : "trials finish")"
            let advice = "Go on with: hyperserver resume \(experiment.id)"
            Console.print("Experiment \(experiment.id) is paused\(rest). \(advice)")
        }
    }
}
