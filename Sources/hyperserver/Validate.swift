import ArgumentParser
import CommandLineSupport
import ExperimentFile
import ExperimentModel
import SearchSpace

/// `hyperserver validate FILE`
struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks an experiment file and prints what it means; nothing is stored.",
        discussion: "All mistakes are printed at once, each with line and column; the exit status is then 64."
    )

    @Argument(help: "The experiment file.", completion: .file())
    var file: String

    @Flag(help: "Print the normalised experiment as JSON: a file that means the same, with every default written out.")
    var json = false

    func run() async throws {
        let definition = try DefinitionReading.read(file)
        if json {
            Console.print(ExperimentFile.json(of: definition))
            return
        }
        for line in try DefinitionSummary(definition).lines { Console.print(line) }
    }
}
