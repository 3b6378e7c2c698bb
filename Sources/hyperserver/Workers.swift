import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import Inspection
import SearchSpace
import StoreOptions

/// `hyperserver workers`
struct Workers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the workers that were seen within the last hour, and what they run.",
        usage: "hyperserver workers [<options>]"
    )

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup
    var common: CommonOptions

    func run() async throws {
        try await common.withClientStore { store in
            let workers = WorkerOverview.make(
                try await store.knownWorkers(),
                running: try await store.runningTrials(),
                now: try await store.now(),
                lease: try CommonOptions.settings().trialLease
            )
            if json {
                Console.print(WorkerView.list(workers).json)
                return
            }
            guard !workers.isEmpty else {
                Console.print("No worker was seen within the last hour. Start one with: \(startLine)")
                return
            }
            var table = TextTable(["WORKER", "STATE", ">SLOTS", ">BUSY", ">SEEN", "VERSION", "SERVES", "RUNS"])
            for overview in workers {
                let worker = overview.worker
                table.add([
                    worker.id.rawValue, overview.state.rawValue, String(worker.slots), String(overview.running.count),
                    Text.age(overview.silence), worker.version,
                    worker.experiments.isEmpty ? "all" : worker.experiments.map(\.rawValue).joined(separator: ","),
                    overview.running.isEmpty ? "-" : overview.running.map { "\($0.id)" }.joined(separator: " "),
                ])
            }
            for line in table.lines(fitting: StandardOutput.columns) { Console.print(line) }
        }
    }

    /// The line that starts a worker on the same store.
    private var startLine: String {
        var line = "hyperworker --count 2"
        if let directory = common.store.dataDir { line += " --data-dir \(TextTable.printable(directory))" }
        if let file = common.store.mongoURIFile { line += " --mongo-uri-file \(TextTable.printable(file))" }
        // The URI may hold a password, which is not repeated.
        if common.store.mongo != nil { line += " --mongo URI" }
        if let database = common.store.database { line += " --database \(TextTable.printable(database))" }
        return line
    }
}
