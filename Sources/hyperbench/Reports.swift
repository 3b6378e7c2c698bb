import ArgumentParser
import CommandLineSupport
import Coordination
import Execution
import ExperimentModel
import Foundation
import Logging
import StoreOptions
import TuningTestKit

/// `hyperbench reports`: how many reports a second reach the store from trials that print as fast as they can.
struct Reports: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reports per second from trials that print without a pause, through a real worker into the store.",
        discussion: """
            Starts a scratch single-node replica set (journal on, no authentication), and runs trials that print lines \
            `loss=N`, with one slot and with eight, with and without a policy that looks at every report. Nothing else \
            should run meanwhile.
            """
    )

    @Option(help: "Reports of all trials of a line together.")
    var reports = 100_000

    /// Slots of the worker, with a trial in each.
    static let slots = [1, 8]
    /// Times that everything is measured.
    static let repeats = 3
    static let allowedReports = 1000...100_000
    /// It stops nothing here: every value is finite.
    static let policy = PolicySpecification(.notFinite)

    func validate() throws {
        guard Self.allowedReports.contains(reports) else {
            let allowed = Self.allowedReports
            throw ValidationError("--reports must be from \(allowed.lowerBound) to \(allowed.upperBound).")
        }
    }

    func run() async throws {
        let logger = Throughput.makeLogger()
        let server = try await Throughput.startServer()
        var table = TextTable([
            "reports stored a second", ">min", ">median", ">max", ">CPU us a report: mongod", ">own",
        ])
        try await server.withConnection { connection in
            let meter = ServerMeter(connection: connection)
            for slots in Self.slots {
                for isJudged in [false, true] {
                    var samples: [Sample] = []
                    for _ in 0..<Self.repeats {
                        samples.append(
                            try await measure(slots: slots, isJudged: isJudged, uri: server.uri, meter, logger)
                        )
                    }
                    samples.sort { $0.perSecond < $1.perSecond }
                    let (middle, last) = (samples[Self.repeats / 2], samples[Self.repeats - 1])
                    let costs = [middle.serverMilliseconds, middle.ownMilliseconds].map {
                        String(format: "%.0f", $0 * 1000)
                    }
                    let rates = [samples[0], middle, last].map { String(format: "%.0f", $0.perSecond) }
                    table.add(["slots \(slots)\(isJudged ? ", judged" : "")"] + rates + costs)
                }
            }
        }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        Console.print(([("hyper \(Version.text), \(cores) cores"), ""] + table.lines).joined(separator: "\n"))
    }

    /// - Returns: a sample whose trials are reports.
    private func measure(
        slots: Int,
        isJudged: Bool,
        uri: String,
        _ meter: ServerMeter,
        _ logger: Logger
    ) async throws -> Sample {
        let directory = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(at: directory) }  // best effort: it is in the temporary directory
        let each = reports / slots
        let executor = try ProcessTrialExecutor(
            settings: .init(workDirectory: directory.path, host: "bench"),
            logger: logger
        )
        let engine = EngineRun(
            uri: uri,
            slots: slots,
            // What is added to the arguments is the shell's, not that of seq.
            command: .arguments(["/bin/sh", "-c", "exec seq -f loss=%.0f 1 \(each)"]),
            end: .done,
            executor: executor,
            directory: directory.path,
            meter: meter,
            logger: logger,
            earlyTermination: isJudged ? [Self.policy] : []
        )
        return try await engine.withStores { server, worker in
            let before = try await meter.read()
            let begin = ContinuousClock.now
            // The worker leaves when everything is stored.
            _ = try await engine.measure(slots, server, worker)
            let seconds = (ContinuousClock.now - begin).inSeconds
            let cost = try await meter.cost(since: before)
            var stored = 0
            for experiment in try await server.store.experiments(ExperimentQuery()) {
                for number in 1...slots {
                    stored += try await server.store.observations(
                        of: TrialID(experiment: experiment.id, number: number)
                    ).count
                }
            }
            guard stored == each * slots else {
                throw ProgramFailure(.internalError, "Of \(each * slots) reports \(stored) were stored.")
            }
            return Sample(trials: stored, seconds: seconds, cost: cost)
        }
    }
}
