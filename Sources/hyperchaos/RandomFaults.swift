import ArgumentParser
import Chaos
import CommandLineSupport
import Foundation

/// `hyperchaos run`: faults at random for some minutes, then the reckoning.
struct RandomFaults: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Breaks things at random for some minutes, heals everything, and checks what is left.",
        discussion: """
            A replica set of three mongods, two servers and four workers of three slots run short trials of several \
            experiments. By a seed, any of them is killed, stopped for longer than its lease, told to leave, or started \
            again. Then everything is healed, every experiment has to end, and the store is compared with a journal that \
            the trials keep on disk. Exit status 1 when a promise was not kept. docs/reliability.md explains the lines.
            """
    )

    @Option(help: "How long things are broken.")
    var minutes = 2.0

    @Option(help: "At least so many trials; things are broken until they have been created, too.")
    var trials = 500

    @Option(help: "The faults and experiments of this seed (default: drawn).")
    var seed: UInt64?

    @Flag(help: "One mongod without a replica set; it is stopped cleanly and started again, never killed.")
    var standalone = false

    @Flag(help: "Print one JSON object instead of the table.")
    var json = false

    @Flag(help: "Keep the directory with logs and journal also when all is fine.")
    var keep = false

    @OptionGroup
    var programs: ProgramOptions

    static let allowedMinutes = 0.1...1440.0
    static let allowedTrials = 1...1_000_000

    func validate() throws {
        guard Self.allowedMinutes.contains(minutes) else {
            throw ValidationError("--minutes must be from 0.1 to \(Int(Self.allowedMinutes.upperBound)).")
        }
        guard Self.allowedTrials.contains(trials) else {
            throw ValidationError("--trials must be from 1 to \(Self.allowedTrials.upperBound).")
        }
    }

    func run() async throws {
        let seed = seed ?? UInt64.random(in: 0..<1_000_000)
        let scratch = try ScratchDirectory.make(named: "hyper-chaos")
        let load = Load.now
        Console.printError("seed \(seed), logs in \(scratch.path)")
        let run = ChaosRun(
            seed: seed,
            duration: .seconds(minutes * 60),
            leastTrials: trials,
            isReplicaSet: !standalone,
            places: try programs.places(scratch: scratch.path)
        )
        let result: ChaosRun.Result
        defer { TrialProcesses.killAll(of: scratch.path) }
        do {
            result = try await run.perform()
        } catch {
            Console.printError("logs and journal: \(scratch.path)")
            throw error
        }
        let report = ChaosReport(
            seed: seed,
            minutes: minutes,
            store: standalone ? "one mongod" : "replica set of three",
            load: (load, Load.now),
            result: result
        )
        Console.print(json ? try report.json() : report.text)
        guard result.verdict.isFine else {
            scratch.removeDatabases()
            Console.printError("logs, journal and trials: \(scratch.path)")
            throw ProgramFailure(.failed)
        }
        if keep { Console.printError("logs and journal: \(scratch.path)") } else { scratch.remove() }
    }
}

/// Load average of the last minute.
enum Load {
    static var now: Double {
        var averages = [0.0]
        return getloadavg(&averages, 1) == 1 ? averages[0] : .nan
    }
}
