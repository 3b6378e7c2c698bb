public import ArgumentParser
public import Simulation

/// Runs simulations: what `scripts/simulate` builds and starts.
@main
struct HyperSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs servers, workers and the store on a virtual clock, with faults drawn from seeds."
    )

    @Option(help: "How many seeds to run.")
    var seeds: UInt64 = 1000

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "Replay one seed and print what happened.")
    var seed: UInt64?

    @Option(
        name: .customLong("break"),
        help: "Break a rule of the store on purpose; the first seed that notices it is told."
    )
    var breakage: Breakage?

    @Flag(help: "Print what happened in every seed.")
    var verbose = false

    @Option(help: "File that always holds the seed that runs, for whoever has to tell after a crash.")
    var progress: String?

    func run() throws {
        if let seed { return try replay(seed) }
        var total = SimulationTotal()
        let progress = progress.flatMap { ProgressFile(path: $0) }
        for seed in from..<(from + seeds) {
            progress?.note(seed)
            let report = Simulation(seed: seed, breakage: breakage, isTraced: verbose).run()
            if verbose { print("seed \(seed)\n" + report.trace.joined(separator: "\n")) }
            total.add(report)
            guard !report.findings.isEmpty else { continue }
            print("seed \(seed) FAILED")
            for finding in report.findings { print("  \(finding)") }
            if breakage != nil { break }
        }
        print(total.text)
        let isFine = (total.failedSeeds.isEmpty) == (breakage == nil)
        if !isFine { throw ExitCode.failure }
    }

    private func replay(_ seed: UInt64) throws {
        let report = Simulation(seed: seed, breakage: breakage, isTraced: true).run()
        for line in report.trace { print(line) }
        for finding in report.findings { print("WRONG: \(finding)") }
        print(
            "seed \(seed): \(report.findings.isEmpty ? "fine" : "FAILED"), digest \(String(report.digest, radix: 16))"
        )
        if !report.findings.isEmpty { throw ExitCode.failure }
    }
}

extension Breakage: ExpressibleByArgument {}
