import ArgumentParser
import CommandLineSupport
import Foundation
import Logging
import StoreOptions

/// `hyperworker doctor`
struct WorkerDoctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks this machine and the store as a worker sees them.",
        usage: "hyperworker doctor [<options>]",
        discussion: """
            EXAMPLES
              hyperworker doctor
              hyperworker doctor --mongo mongodb://db.example:27017/?replicaSet=rs0 --quiet

            Each line is ok, warn, FAIL or skip (nothing to check), with the remedy below it. Exit status: 0 when nothing \
            fails, 69 when the store cannot be used, 1 for any other failure.
            """
    )

    @OptionGroup
    var options: DoctorOptions

    @OptionGroup(title: "Store")
    var store: StoreOptions

    @OptionGroup(title: "Log")
    var log: LogOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let logger = try log.makeLogger(program: "hyperworker", environment: environment, defaultLevel: .critical)
        let doctor = DoctorRun(
            options: options,
            store: store,
            environment: environment,
            mongod: nil,
            isServer: false,
            logger: logger
        )
        try await doctor.run()
    }
}
