import ArgumentParser
import CommandLineSupport
import Diagnosis
import Execution
import ExperimentFile
import Logging
import StoreOptions

/// `hyperserver doctor [FILE]`
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks this machine and its store, and says what to do about what is wrong.",
        usage: "hyperserver doctor [<file>] [<options>]",
        discussion: """
            EXAMPLES
              hyperserver doctor
              hyperserver doctor --mongo mongodb://db.example:27017/?replicaSet=rs0 --quiet
              hyperserver doctor experiment.yaml

            Each line is ok, warn, FAIL or skip (nothing to check), with the remedy below it. Nothing is changed and no \
            mongod is started, unless --start is given. Exit status: 0 when nothing fails, 69 when the store cannot be \
            used, 1 for any other failure. docs/operations.md tells more.
            """
    )

    @Argument(
        help: "An experiment file: is it valid, and are its program and directory here?",
        completion: .file()
    )
    var file: String?

    @OptionGroup
    var options: DoctorOptions

    @Flag(help: "Start the embedded store for the time of the check, as any other command does.")
    var start = false

    @OptionGroup
    var common: CommonOptions

    func run() async throws {
        let environment = CommonOptions.environment
        let logger = try common.log.makeLogger(
            program: "hyperserver",
            environment: environment,
            defaultLevel: .critical
        )
        let doctor = DoctorRun(
            options: options,
            store: common.store,
            environment: environment,
            mongod: common.mongod,
            isServer: true,
            logger: logger
        )
        let extra = file.map { Self.examination(of: $0, path: environment["PATH"]).checks } ?? []
        guard start else { return try await doctor.run(extra: extra) }
        let opened: OpenedStore
        do {
            opened = try await common.store.open(
                environment: environment,
                mongod: common.mongod,
                settings: try CommonOptions.settings(),
                logger: logger
            )
        } catch {
            let failure = Finding(.store, "start", .fail, "\(error)")
            return try await doctor.run(before: [failure], extra: extra)
        }
        do {
            try await doctor.run(extra: extra)
            await opened.close()
        } catch {
            await opened.close()
            throw error
        }
    }

    /// Reads the file without printing its mistakes or ending the program.
    private static func examination(of file: String, path: String?) -> DefinitionExamination {
        let reading: DefinitionExamination.Reading
        do {
            let result = try ExperimentFile.read(
                bytes: try DefinitionReading.contents(of: file),
                fileName: file,
                directory: DefinitionReading.directory(of: file),
                defaultSeed: 0,
                checkCommand: CommandTemplate.problems
            )
            reading = .valid(result.definition, warnings: result.warnings.map(\.description))
        } catch let mistakes as ExperimentFileErrors {
            reading = .invalid(mistakes.diagnostics.map(\.description))
        } catch {
            reading = .invalid(["\(error)"])
        }
        return DefinitionExamination(file: file, reading: reading, path: path)
    }
}
