public import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
public import Export
import Glibc

/// `hyperserver export ID`
struct ExportExperiment: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes an experiment and its trials as csv, json, jsonl or yaml.",
        usage: "hyperserver export <id> [<options>]",
        discussion: """
            hyperserver export last --output trials.csv
            hyperserver export last --format jsonl | jq .value

            json and yaml hold the definition too, in the form of an experiment file. A file appears when it is complete.
            """
    )

    /// Trials that are read and written at once.
    static let pageSize = 500

    @Argument(help: "Id or name of the experiment, or `last`.", completion: ExperimentCompletion.ids)
    var id: String

    @Option(help: "csv, json, jsonl or yaml (default: by the extension of --output, else json).")
    var format: ExportFormat?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write to this file instead of standard output.", valueName: "file"),
        completion: .file()
    )
    var output: String?

    @Flag(help: "Replace the file if it exists.")
    var force = false

    @Flag(help: "Add every reported value (json and yaml).")
    var observations = false

    @OptionGroup
    var common: CommonOptions

    func validate() throws {
        if force, output == nil { throw ValidationError("--force needs --output.") }
        let format = try chosenFormat()
        if observations, !format.holdsObservations {
            throw ValidationError(
                "--observations needs --format json or yaml; \(format.rawValue) has one entry a trial."
            )
        }
    }

    private func chosenFormat() throws -> ExportFormat {
        if let format { return format }
        guard let output else { return .json }
        guard let format = ExportFormat(fileName: output) else {
            throw ValidationError(
                "The name \(TextTable.printable(output)) does not tell the format: pass --format csv, json, jsonl or yaml."
            )
        }
        return format
    }

    func run() async throws {
        let format = try chosenFormat()
        try await common.withClientStore { store in
            let experiment = try await store.resolve(id)
            do {
                let file = try output.map { try ExportFile(path: $0, isReplaced: force) } ?? ExportFile()
                try await write(experiment, format, store, to: file)
                try file.finish()
            } catch let failure as ExportFile.Failure {
                // Whoever reads through a pipe may have seen enough.
                if !failure.isClosedPipe { throw ProgramFailure(.failed, failure.description) }
            }
        }
    }

    private func write(
        _ experiment: Experiment,
        _ format: ExportFormat,
        _ store: any TrialStore,
        to file: ExportFile
    ) async throws {
        // Only csv can hold characters that a terminal acts on; a file and a pipe get them as they are.
        let isShown = format == .csv && output == nil && isatty(STDOUT_FILENO) == 1
        func put(_ text: String) throws {
            guard isShown else { return try file.write(text) }
            for line in text.split(separator: "\r\n") { try file.write(TextTable.printable(String(line)) + "\n") }
        }
        var writer = ExportWriter(experiment, format: format)
        let counts = try await store.trialCounts(of: experiment.id)
        try put(writer.begin(counts: counts, best: try await store.bestTrial(of: experiment.id)))
        try await forEachPage(of: experiment.id, store) { try put(writer.trials($0)) }
        if observations {
            try put(writer.beginObservations())
            try await forEachPage(of: experiment.id, store) { page in
                for trial in page { try put(writer.observations(try await store.observations(of: trial.id))) }
            }
        }
        try put(writer.end())
    }

    private func forEachPage(
        of id: ExperimentID,
        _ store: any TrialStore,
        _ body: ([Trial]) async throws -> Void
    ) async throws {
        var last = 0
        while true {
            let page = try await store.trials(of: id, after: last, limit: Self.pageSize)
            guard let end = page.last else { return }
            try await body(page)
            last = end.id.number
        }
    }
}

extension ExportFormat: ExpressibleByArgument {}
