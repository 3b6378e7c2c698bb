import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import Execution
import ExperimentModel
import SearchSpace

/// `hyperserver best ID`
struct Best: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the best trial of an experiment.",
        usage: "hyperserver best <id> [<options>]"
    )

    @OptionGroup
    var target: ExperimentTarget

    @Flag(help: "Print only the values, as JSON.")
    var params = false

    @Flag(help: "Print only the command that runs it again, to paste into a shell.")
    var command = false

    func validate() throws {
        if [target.json, params, command].filter({ $0 }).count > 1 {
            throw ValidationError("Choose one of --json, --params and --command.")
        }
    }

    /// Why there is none.
    private func reason(_ experiment: Experiment, _ store: any TrialStore) async throws -> String {
        let counts = try await store.trialCounts(of: experiment.id)
        let failures = try await store.failureCauses(of: experiment.id)
        var text = "Experiment \(experiment.id) has no best trial yet: none has succeeded"
        text += counts.isEmpty ? "." : " (\(Text.counts(counts, failures: failures)))."
        if !failures.isEmpty { text += " `hyperserver trials \(experiment.id) --dead` tells why." }
        return text
    }

    func run() async throws {
        try await target.common.withClientStore { store in
            let experiment = try await store.resolve(target.id)
            guard let best = try await store.bestTrial(of: experiment.id) else {
                throw ProgramFailure(.failed, try await reason(experiment, store))
            }
            if target.json {
                Console.print(TrialView.json(best).json)
            } else if params {
                Console.print(ParameterValue.mapping(best.assignment).json)
            } else if command {
                Console.print(try RerunCommand.line(experiment.definition, best.assignment))
            } else {
                for line in Text.best(best, of: experiment) { Console.print(line) }
                if try await !store.storedFiles(in: .attempt(best.id, best.attempt)).isEmpty {
                    Console.print("its files   hyperserver artifacts \(experiment.id) best --output best")
                }
            }
        }
    }
}
