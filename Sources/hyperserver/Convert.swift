import ArgumentParser
import CommandLineSupport
import ExperimentFile

/// `hyperserver convert FILE`
struct Convert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a hyperopt search space in the form of our experiment file.",
        usage: "hyperserver convert <file>",
        discussion: """
            EXAMPLES
              hyperserver convert space.py
              hyperserver convert space.py > search_space.yaml

            The file holds the space as Python writes it, {'lr': hp.loguniform('lr', -5, 0), …}; it is read, never \
            executed. What is printed is the part `search_space:` of an experiment file. docs/hyperopt.md tells more.
            """
    )

    @Argument(help: "The file with the search space.", completion: .file())
    var file: String

    func run() async throws {
        let text = try DefinitionReading.text(of: file)
        let result = try DefinitionReading.checked { () throws(ExperimentFileErrors) in
            try ExperimentFile.searchSpace(fromHyperoptText: text, file: file)
        }
        for warning in result.warnings { Console.printError("\(warning)") }
        Console.print("search_space:")
        for line in ExperimentFile.yaml(of: result.space).split(separator: "\n") { Console.print("  " + line) }
    }
}
