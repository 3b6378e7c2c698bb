import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import Foundation
import Logging
import StoreOptions

/// `hyperserver run FILE`, `hyperserver run [options] -- COMMAND…`, `hyperserver run --resume ID`
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs one experiment from beginning to end: store, server and workers.",
        usage: """
            hyperserver run <file> [<options>]
            hyperserver run <options> -- <command> ...
            hyperserver run --resume <id> [<options>]
            """,
        discussion: """
            hyperserver run experiment.yaml
            hyperserver run --space 'x=uniform(-5,5)' --metric loss --goal minimize --max-trials 30 -- ./train.sh {x}
            hyperserver run experiment.yaml --policy asha

            Ctrl-C once lets running trials finish and pauses the experiment, twice stops them; the line that is printed \
            then goes on with it.
            """
    )

    @Argument(help: "The experiment file.", completion: .file())
    var file: String?

    @Argument(parsing: .postTerminator, help: "The command of a trial, after `--`.")
    var command: [String] = []

    @OptionGroup(title: "Experiment")
    var options: DefinitionOptions

    @Option(help: ArgumentHelp("Go on with an experiment that was interrupted.", valueName: "id"))
    var resume: String?

    @OptionGroup(title: "Workers")
    var fleet: RunWorkers

    @OptionGroup
    var common: CommonOptions

    func validate() throws {
        if resume != nil, file != nil || !command.isEmpty || options.isGiven {
            throw ValidationError(
                "--resume goes on with a stored experiment: give neither a file, a command nor its options."
            )
        }
        if resume == nil { try checkOperands() }
    }

    /// A file stands alone; a command comes after `--`, so that neither is taken for the other.
    private func checkOperands() throws {
        if let file {
            let shown = TextTable.printable(file)
            if let option = options.given.first {
                throw ValidationError(
                    "\(option) goes with a command, which comes after `--`; \(shown) is taken for an experiment file, which "
                        + "holds everything itself."
                )
            }
            guard command.isEmpty else {
                throw ValidationError("Give an experiment file or a command, not both: leave out \(shown).")
            }
            return
        }
        guard command.isEmpty else { return }
        throw ValidationError(
            options.isGiven
                ? "The command of a trial is missing: write it at the end, after `--`."
                : "Give an experiment file, or --space, --metric, --goal, --max-trials and `-- COMMAND…`."
        )
    }

    func run() async throws {
        let environment = CommonOptions.environment
        let logger = try common.log.makeLogger(program: "hyperserver", environment: environment, defaultLevel: .warning)
        let definition = try resume == nil ? readDefinition() : nil
        let count = fleet.count
        let settings = try CommonOptions.settings()
        try await common.withStore(logger: logger, busy: 4) { opened in
            var experiment: Experiment
            if let definition {
                experiment = try await opened.store.create(definition)
            } else {
                experiment = try await opened.store.resolve(resume ?? "last")
                experiment = try await opened.store.setPaused(false, experiment: experiment.id) ?? experiment
            }
            let session = RunSession(
                opened: opened,
                experiment: experiment,
                workerCount: count,
                workerArguments: workerArguments,
                settings: settings,
                logger: logger
            )
            try await session.run()
        }
    }

    /// What the children are told besides their experiment.
    private var workerArguments: [String] {
        var arguments = ["--log-level", (common.log.level ?? .warning).rawValue]
        if let format = common.log.format { arguments += ["--log-format", format.rawValue] }
        if let database = common.store.database { arguments += ["--database", database] }
        return arguments + fleet.arguments
    }

    private func readDefinition() throws -> ExperimentDefinition {
        if let file { return try DefinitionReading.read(file, policies: options.policy) }
        return try options.definition(command: command)
    }
}
