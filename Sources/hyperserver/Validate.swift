import ArgumentParser
import CommandLineSupport
import ExperimentFile
import ExperimentModel
import SearchSpace

/// `hyperserver validate FILE`
struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks an experiment file and prints what it means; nothing is stored.",
        usage: "hyperserver validate <file> [--json]",
        discussion: """
            EXAMPLES
              hyperserver validate experiment.yaml
              hyperserver validate experiment.yaml --json > normalised.json

            All mistakes are printed at once, each with line and column; the exit status is then 64. `hyperserver doctor \
            FILE` also checks that program and directory are there. docs/file-format.md describes the file.
            """
    )

    @Argument(help: "The experiment file.", completion: .file())
    var file: String

    @Flag(help: "Print the normalised experiment as JSON: a file that means the same, with every default written out.")
    var json = false

    func run() async throws {
        let seed = UInt64.random(in: .min ... .max)
        let definition = try DefinitionReading.read(file, defaultSeed: seed)
        if json {
            Console.print(ExperimentFile.json(of: definition))
            return
        }
        let isDrawn = definition.sampler.seed == seed
        let snapshot = try await WorkspaceReading.lines(definition.workspace)
        for line in try DefinitionSummary(definition, isSeedDrawn: isDrawn).lines + snapshot { Console.print(line) }
    }
}
