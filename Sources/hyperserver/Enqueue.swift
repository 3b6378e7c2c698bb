import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentFile
import ExperimentModel
import SearchSpace

/// `hyperserver enqueue ID NAME=VALUE…`
struct Enqueue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Adds a point that the next new trial tries.",
        usage: "hyperserver enqueue <id> <name=value> ... [<options>]",
        discussion: """
            EXAMPLES
              hyperserver enqueue last lr=0.01
              hyperserver enqueue digits lr=0.01 batch=32

            A parameter is named by its path, its label or its key. What is not given is drawn. The trial counts for \
            max_trials like any other. `hyperserver validate FILE` prints the labels of a search space.
            """
    )

    @OptionGroup
    var target: ExperimentTarget

    @Argument(help: ArgumentHelp("The values of the point.", valueName: "name=value"))
    var values: [String]

    func run() async throws {
        let given = try DefinitionReading.checked { () throws(ExperimentFileErrors) in try NamedValues.read(values) }
        try await target.common.withClientStore { store in
            let found = try await store.resolve(target.id)
            let partial: Suggestion
            do {
                partial = try found.definition.searchSpace.partialSuggestion(forNamed: given)
            } catch {
                throw ProgramFailure(.usage, "\(error)")
            }
            var generator = SystemRandomNumberGenerator()
            let point = EnqueuedPoint(id: Self.makeID(using: &generator), values: partial)
            guard let experiment = try await store.enqueue(point, experiment: found.id) else {
                throw TrialStoreError.noSuchExperiment(found.id)
            }
            if target.json {
                Console.print(ExperimentView.enqueued(point, in: experiment).json)
                return
            }
            Console.print("The point waits in experiment \(experiment.id); the next new trial gets it.")
            if let most = experiment.limits.maxTrials, experiment.nextTrial > most {
                Console.print(
                    "All \(most) trials are used up. Make room with: hyperserver set \(experiment.id) max_trials=+1"
                )
            }
            try await Steering.printLeaderHint(experiment, store)
        }
    }

    /// 64 random bits in hexadecimal.
    private static func makeID(using generator: inout some RandomNumberGenerator) -> String {
        let digits = String(generator.next() as UInt64, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
