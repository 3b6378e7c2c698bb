import ArgumentParser
import CommandLineSupport
import Foundation
import Logging
import MongoClient
import TuningTestKit

/// `hyperbench throughput`: how many trials a second, beside what the database and the kernel could do.
struct Throughput: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trials per second of the whole system, beside the raw ceilings of the same machine and minute.",
        discussion: """
            Starts a scratch single-node replica set (journal on, no authentication), measures each line of the table in \
            turn, and repeats that \(Self.repeats) times. docs/benchmarks.md explains the lines. Nothing else should run \
            meanwhile.
            """
    )

    @Option(help: "Seconds that one measured part is meant to take.")
    var seconds = 1.0

    @Option(help: "Slots of the worker, and loops of the raw ceiling beside it.")
    var slots = 8

    @Flag(help: "Print one JSON object instead of the table.")
    var json = false

    @Option(help: ArgumentHelp("Only so many instant trials, once, for a profiler.", visibility: .hidden))
    var profileInstant: Int?

    @Option(help: ArgumentHelp("Only so many /bin/echo trials, once, for a profiler.", visibility: .hidden))
    var profileCommands: Int?

    @Option(help: ArgumentHelp("Only so many /bin/true trials, once, for a profiler.", visibility: .hidden))
    var profileProcesses: Int?

    /// Times that everything is measured.
    static let repeats = 3
    /// Slots at which processes are compared with the C loop, and commands with xargs.
    static let commandSlots = [1, 2, 4, 8]
    /// Trials of the run before the first repeat: it warms up, and tells how many trials fill the asked time.
    static let warmUpTrials = 120
    static let allowedSeconds = 0.1...30.0
    static let allowedSlots = 1...64

    func validate() throws {
        guard Self.allowedSeconds.contains(seconds) else {
            let allowed = Self.allowedSeconds
            throw ValidationError("--seconds must be from \(allowed.lowerBound) to \(allowed.upperBound).")
        }
        guard Self.allowedSlots.contains(slots) else {
            throw ValidationError("--slots must be from 1 to \(Self.allowedSlots.upperBound).")
        }
    }

    func run() async throws {
        let logger = Self.makeLogger()
        let server = try await Self.startServer()
        try await server.withConnection { connection in
            let meter = ServerMeter(connection: connection)
            if let profileInstant {
                let trials = InstantTrials(uri: server.uri, slots: slots, meter: meter, logger: logger)
                return Console.print("\(try await trials.measure(trials: profileInstant))")
            }
            for (kind, count) in [(CommandTrials.Kind.echo, profileCommands), (.true, profileProcesses)] {
                guard let count else { continue }
                let trials = CommandTrials(kind: kind, uri: server.uri, slots: slots, meter: meter, logger: logger)
                return Console.print("\(try await trials.measure(trials: count))")
            }
            let report = try await measure(uri: server.uri, meter: meter, logger: logger)
            Console.print(json ? try report.json() : report.text)
        }
    }

    private func measure(uri: String, meter: ServerMeter, logger: Logger) async throws -> ThroughputReport {
        let raw = RawCeiling(uri: uri, meter: meter, logger: logger)
        let instant = InstantTrials(uri: uri, slots: slots, meter: meter, logger: logger)
        let processes = RawLoop(uri: uri, arguments: CommandTrials.Kind.true.arguments, meter: meter, logger: logger)
        func trials(_ kind: CommandTrials.Kind) -> [CommandTrials] {
            Self.commandSlots.map { CommandTrials(kind: kind, uri: uri, slots: $0, meter: meter, logger: logger) }
        }
        let (bare, commands) = (trials(.true), trials(.echo))

        // How many trials fill the time; corrected after every repeat.
        var instantRate = try await instant.measure(trials: Self.warmUpTrials).perSecond
        var (bareRates, commandRates): ([Double], [Double]) = ([], [])
        for trials in bare { bareRates.append(try await trials.measure(trials: Self.warmUpTrials).perSecond) }
        for trials in commands { commandRates.append(try await trials.measure(trials: Self.warmUpTrials).perSecond) }

        var report = ThroughputReport(slots: slots, seconds: seconds, server: try await meter.version())
        for round in 1...Self.repeats {
            let alone = try await raw.measure(loops: 1, seconds: seconds)
            let together = try await raw.measure(loops: slots, seconds: seconds)
            let ours = try await instant.measure(trials: count(at: instantRate))
            instantRate = ours.perSecond
            report.add(alone, to: .raw(loops: 1))
            // With one slot the two are the same line: the second measurement of it counts too.
            report.add(together, to: .raw(loops: slots))
            report.add(ours, to: .engine(slots: slots))
            report.add(ratio: ours.perSecond / together.perSecond, to: .engineOfRaw(slots: slots))
            for (index, engine) in bare.enumerated() {
                let slots = engine.slots
                let loop = try await processes.measure(threads: slots, trials: count(at: bareRates[index]))
                let trials = try await engine.measure(trials: count(at: bareRates[index]))
                bareRates[index] = trials.perSecond
                report.add(loop, to: .rawProcesses(threads: slots))
                report.add(trials, to: .processes(slots: slots))
                report.add(ratio: trials.perSecond / loop.perSecond, to: .processesOfRaw(slots: slots))
            }
            for (index, engine) in commands.enumerated() {
                let slots = engine.slots
                let count = count(at: commandRates[index])
                let trials = try await engine.measure(trials: count)
                let xargs = try await XargsRun.measure(parallel: slots, processes: count)
                commandRates[index] = trials.perSecond
                report.add(xargs, to: .xargs(parallel: slots))
                report.add(trials, to: .command(slots: slots))
                report.add(ratio: trials.perSecond / xargs.perSecond, to: .commandOfXargs(slots: slots))
            }
            if !json { Console.printError("repeat \(round) of \(Self.repeats) done") }
        }
        return report
    }

    private func count(at rate: Double) -> Int { max(Self.warmUpTrials, Int(rate * seconds)) }

    static func startServer() async throws -> ScratchMongod {
        do {
            return try await ScratchMongod.replicaSet()
        } catch {
            throw ProgramFailure(.unavailable, "\(error) scripts/setup installs mongod.")
        }
    }

    /// Warnings only: a benchmark during which something goes wrong must say so.
    static func makeLogger(_ level: Logger.Level = .warning) -> Logger {
        var logger = Logger(label: "bench") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
