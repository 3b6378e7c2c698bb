import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel

/// `hyperserver import SPACE [options] -- COMMAND…`
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stores an experiment over a hyperopt search space and prints its id.",
        usage: "hyperserver import <file> [<options>] -- <command> ...",
        discussion: """
            EXAMPLES
              hyperserver import space.py --metric loss --goal minimize --max-trials 50 \\
                -- python3 train.py

            The file holds the space as Python writes it, {'lr': hp.loguniform('lr', -5, 0), …}; it is read, never \
            executed. `hyperserver convert` writes it in our own form. docs/hyperopt.md tells more.
            """
    )

    @Argument(help: "The file with the search space.", completion: .file())
    var file: String

    @Argument(parsing: .postTerminator, help: "The command of a trial, after `--`.")
    var command: [String] = []

    @OptionGroup(title: "Experiment")
    var options: DefinitionOptions

    @OptionGroup
    var common: CommonOptions

    func validate() throws {
        if !options.space.isEmpty || options.spaceFile != nil {
            throw ValidationError("The search space comes from the file: leave out --space and --space-file.")
        }
        if command.isEmpty { throw ValidationError("Give the command of a trial after `--`.") }
    }

    func run() async throws {
        var options = options
        options.spaceFile = file
        let definition = try options.definition(command: command)
        try await common.withClientStore { store in
            let experiment = try await store.create(definition)
            Console.print(experiment.id.rawValue)
            try await Steering.printWorkerHint(experiment, store)
        }
    }
}
