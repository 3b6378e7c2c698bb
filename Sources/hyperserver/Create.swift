import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import Workspaces

/// `hyperserver create FILE`
struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stores an experiment and prints its id.",
        usage: "hyperserver create <file> [<options>]",
        discussion: """
            EXAMPLES
              hyperserver create experiment.yaml
              hyperserver validate experiment.yaml && hyperserver create experiment.yaml
              hyperserver create experiment.yaml --policy asha

            A running `hyperserver start` of the same store leads it, and a `hyperworker` runs its trials; without them it \
            waits. Creating a file again makes another experiment. docs/file-format.md describes the file.
            """
    )

    @Argument(help: "The experiment file.", completion: .file())
    var file: String

    @Option(
        help: ArgumentHelp(
            "Stop poor trials early by this policy, such as asha; in place of the file's early_termination; repeatable.",
            valueName: "policy"
        )
    )
    var policy: [String] = []

    @OptionGroup
    var common: CommonOptions

    func run() async throws {
        let definition = try DefinitionReading.read(file, policies: policy)
        try await common.withClientStore { store in
            let experiment = try await store.create(definition)
            Console.print(experiment.id.rawValue)
            try await Steering.printWorkerHint(experiment, store)
        }
    }
}

extension TrialStore {
    /// Times that a new id is drawn when one is taken.
    private static var largestIDDraws: Int { 8 }

    /// Stores an experiment under a new id, after the files of its workspace.
    func create(_ definition: ExperimentDefinition) async throws -> Experiment {
        var definition = definition
        if let workspace = definition.workspace {
            definition.workspace = try await WorkspaceReading.reading {
                try await WorkspaceStorage(self).settle(workspace) { Console.printError($0) }
            }
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 1..<Self.largestIDDraws {
            do {
                return try await createExperiment(definition, id: .random(using: &generator))
            } catch TrialStoreError.experimentExists {
                continue
            }
        }
        return try await createExperiment(definition, id: .random(using: &generator))
    }
}
