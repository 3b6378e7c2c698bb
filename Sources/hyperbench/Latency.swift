import ArgumentParser
import CommandLineSupport
import Foundation
import Logging
import TuningTestKit

/// `hyperbench latency`: how long the steps of a trial's way take, beside what the database and the kernel need for them.
struct Latency: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Times from an insert to a running process, from one trial to the next, and of reports, cancellations and early stops.",
        discussion: """
            Starts a scratch single-node replica set (journal on, no authentication) and measures an idle worker with each \
            number of slots. docs/benchmarks.md explains the lines. Nothing else should run meanwhile.
            """
    )

    @Option(help: "Trials of each line; of reports, cancellations and early stops a quarter.")
    var trials = 200

    @Flag(help: "Print one JSON object instead of the table.")
    var json = false

    @Option(help: ArgumentHelp("The program that trials run; scripts/bench builds it.", visibility: .hidden))
    var stamp: String

    /// Slots of the idle worker.
    static let slots = [1, 8]
    static let allowedTrials = 20...5000

    func validate() throws {
        guard Self.allowedTrials.contains(trials) else {
            let allowed = Self.allowedTrials
            throw ValidationError("--trials must be from \(allowed.lowerBound) to \(allowed.upperBound).")
        }
    }

    func run() async throws {
        // A worker warns of every trial that is stopped.
        let logger = Throughput.makeLogger(.error)
        let server = try await Throughput.startServer()
        var report = LatencyReport(trials: trials)
        let floor = try await LatencyFloor(uri: server.uri, stamp: stamp, logger: logger).measure(count: trials)
        report.add(floor)
        for slots in Self.slots {
            let run = LatencyRun(uri: server.uri, stamp: stamp, slots: slots, logger: logger)
            report.add(try await run.starts(count: trials), slots: slots, floor)
            report.add(try await run.reports(count: max(1, trials / 4)), slots: slots, floor)
            report.addStops(try await run.stops(count: max(1, trials / 4)), slots: slots, floor)
        }
        Console.print(json ? try report.json() : report.text)
    }
}
