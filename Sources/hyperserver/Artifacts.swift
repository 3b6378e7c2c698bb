import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import Foundation
import SearchSpace
import Workspaces

/// `hyperserver artifacts ID TRIAL|best [FILE]`
struct Artifacts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists and fetches the files that a trial left.",
        usage: "hyperserver artifacts <id> <trial>|best [<file>] [--output <dir>] [<options>]",
        discussion: """
            EXAMPLES
              hyperserver artifacts last best
              hyperserver artifacts last best model.pkl
              hyperserver artifacts last 17 model.pkl --output - > model.pkl
              hyperserver artifacts last best --output model

            Kept are the files of the output directory ($HYPER_OUTPUT_DIR) that the key artifacts of the experiment file \
            names, of the attempt whose result counts. A FILE is written to the current directory or to --output, without \
            a FILE all are, under their paths; what exists there is not replaced.
            """
    )

    @Argument(
        help: "The experiment: its id, its name (the newest of that name), or `last`.",
        completion: ExperimentCompletion.ids
    )
    var id: String

    @Argument(help: "Number of the trial, or `best`.")
    var trial: String

    @Argument(help: "Path of one file, as listed.")
    var file: String?

    @Option(help: ArgumentHelp("Where to write; `-` writes FILE to standard output.", valueName: "dir"))
    var output: String?

    @Flag(help: "Print the list as JSON.")
    var json = false

    @OptionGroup
    var common: CommonOptions

    func validate() throws {
        if trial != "best", Int(trial) == nil { throw ValidationError("TRIAL is the number of a trial, or `best`.") }
        if output == "-", file == nil { throw ValidationError("`--output -` needs the path of one file.") }
        if json, file != nil || output != nil { throw ValidationError("--json lists; leave out FILE and --output.") }
    }

    func run() async throws {
        try await common.withClientStore { store in
            let experiment = try await store.resolve(id)
            let trial = try await find(experiment, store)
            let files = try await store.storedFiles(in: .attempt(trial.id, trial.attempt))
            do {
                if let file {
                    try await fetch(file, of: files, trial, ArtifactFetch(store))
                } else if output != nil {
                    try await fetchAll(files, trial, ArtifactFetch(store))
                } else {
                    list(files, experiment, trial)
                }
            } catch let error as ArtifactFetch.Failure {
                throw ProgramFailure(.failed, "\(TextTable.printable("\(error)")).")
            } catch let error as WorkspaceError {
                throw ProgramFailure(.failed, "\(TextTable.printable("\(error)")).")
            }
        }
    }

    private func find(_ experiment: Experiment, _ store: any TrialStore) async throws -> Trial {
        guard let number = Int(trial) else {
            guard let best = try await store.bestTrial(of: experiment.id) else {
                throw ProgramFailure(.failed, "Experiment \(experiment.id) has no best trial yet: none has succeeded.")
            }
            return best
        }
        guard let found = try await store.trials(of: experiment.id, .number(number)).first else {
            throw ProgramFailure(.failed, "Experiment \(experiment.id) has no trial \(number).")
        }
        return found
    }

    /// The accepted files alone: those of an attempt that is not over are on their way.
    private func list(_ files: [StoredFile], _ experiment: Experiment, _ trial: Trial) {
        let shown = trial.state == .done ? files : []
        if json { return Console.print(Self.view(shown, trial).json) }
        guard !shown.isEmpty else {
            let reason =
                experiment.definition.artifacts == nil
                ? "the experiment file has no key artifacts, so that files stay on the worker"
                : trial.state == .done ? "it left none that the rules want" : "it is \(trial.state.name), not done"
            Console.print("Trial \(trial.id.number) of \(experiment.id) has no artifacts: \(reason).")
            return
        }
        var table = TextTable(["PATH", ">SIZE", "SHA256"])
        for file in shown {
            table.add([TextTable.printable(Self.path(file)), ByteCount.text(file.bytes), file.sha256 ?? "-"])
        }
        for line in table.lines { Console.print(line) }
    }

    private func fetch(_ path: String, of files: [StoredFile], _ trial: Trial, _ fetch: ArtifactFetch) async throws {
        guard trial.state == .done, let file = files.first(where: { Self.path($0) == path }) else {
            throw ProgramFailure(
                .failed,
                "Trial \(trial.id.number) has no artifact \(TextTable.printable(path)). `hyperserver artifacts "
                    + "\(trial.id.experiment) \(trial.id.number)` lists what it has."
            )
        }
        if output == "-" {
            try await ArtifactOutput.write(file, fetch)
            return
        }
        let name = (path as NSString).lastPathComponent
        let directory = try Self.directory(output)
        try await fetch.fetch(file, to: name, in: directory)
        Console.print("wrote \(TextTable.printable("\(directory)/\(name)")) (\(ByteCount.text(file.bytes)))")
    }

    private func fetchAll(_ files: [StoredFile], _ trial: Trial, _ fetch: ArtifactFetch) async throws {
        guard trial.state == .done, !files.isEmpty else {
            throw ProgramFailure(.failed, "Trial \(trial.id.number) has no artifacts.")
        }
        let directory = try Self.directory(output)
        for file in files { try await fetch.fetch(file, to: Self.path(file), in: directory) }
        let bytes = ByteCount.text(files.reduce(0) { $0 + $1.bytes })
        let count = "\(files.count) \(files.count == 1 ? "file" : "files")"
        Console.print("wrote \(count) (\(bytes)) to \(TextTable.printable(directory))")
    }

    /// The directory of `--output`, made if need be; the current one without.
    private static func directory(_ output: String?) throws -> String {
        let path = DefinitionReading.absolute(output ?? ".")
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ArtifactFetch.Failure.unwritable(path, reason: error.localizedDescription)
        }
        return path
    }

    private static func path(_ file: StoredFile) -> String {
        if case .artifact(_, _, let path) = file.name { path } else { file.name.text }
    }

    private static func view(_ files: [StoredFile], _ trial: Trial) -> ParameterValue {
        let list = files.map { file -> ParameterValue in
            [
                "path": .string(path(file)), "bytes": .integer(file.bytes),
                "sha256": file.sha256.map { .string($0) } ?? .null, "stored_at": .string(file.storedAt.text),
            ]
        }
        return [
            "experiment": .string(trial.id.experiment.rawValue), "trial": .integer(Int64(trial.id.number)),
            "attempt": .integer(Int64(trial.attempt)), "artifacts": .list(list),
        ]
    }
}

/// One artifact on standard output.
private enum ArtifactOutput {
    /// Bytes that are written at once.
    private static let pieceBytes = 256 << 10

    static func write(_ file: StoredFile, _ fetch: ArtifactFetch) async throws {
        let place = FileManager.default.temporaryDirectory.path + "/hyper-artifact-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(
            atPath: place,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(atPath: place) }
        try await fetch.fetch(file, to: "file", in: place)
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: place + "/file"))
        defer { try? handle.close() }
        while let piece = try handle.read(upToCount: pieceBytes), !piece.isEmpty { Console.write(Array(piece)) }
    }
}
