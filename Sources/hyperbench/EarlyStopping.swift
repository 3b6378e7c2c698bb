import ArgumentParser
import CommandLineSupport
import Foundation

/// `hyperbench early-stop`: what each policy spares and misses on simulated learning curves.
struct EarlyStopping: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "early-stop",
        abstract: "Epochs that policies spend and what they find, on simulated learning curves in virtual time."
    )

    @Option(help: "Experiments of each family of curves.")
    var seeds = 40

    @Option(help: "Trials of each experiment.")
    var trials = 100

    @Option(help: "Epochs of a trial that is not stopped.")
    var epochs = 100

    @Option(help: "Trials at the same time.")
    var slots = 8

    @Option(help: ArgumentHelp("Write the curves to this file, for other programs.", valueName: "file"))
    var curves: String?

    static let allowedSeeds = 1...1000
    static let allowedTrials = 1...10_000
    static let allowedEpochs = 20...10_000
    static let allowedSlots = 1...1000

    func validate() throws {
        for (name, value, allowed) in [
            ("seeds", seeds, Self.allowedSeeds), ("trials", trials, Self.allowedTrials),
            ("epochs", epochs, Self.allowedEpochs), ("slots", slots, Self.allowedSlots),
        ] where !allowed.contains(value) {
            throw ValidationError("--\(name) must be from \(allowed.lowerBound) to \(allowed.upperBound).")
        }
    }

    /// The file for other programs.
    private struct Document: Encodable {
        struct Experiment: Encodable {
            var family: String
            var target: Double
            var levels: [[Double]]
            var reports: [[Double]]
            var durations: [Double]
        }

        var slots: Int
        var experiments: [Experiment]
    }

    func run() async throws {
        var document = Document(slots: slots, experiments: [])
        Console.print("\(trials) trials of \(epochs) epochs on \(slots) slots, \(seeds) seeds of each family")
        for family in CurveFamily.allCases {
            let experiments = (1...seeds).map {
                SimulatedCurves(family, seed: UInt64($0), trials: trials, epochs: epochs)
            }
            var table = EarlyStoppingTable(family)
            for (name, policies) in ComparedPolicies.all(epochs: epochs) {
                let runs = experiments.map { StoppingRun($0, policies: policies, slots: slots) }
                table.add(name, runs: runs, bests: experiments.map(\.best), epochsWithoutPolicy: trials * epochs)
            }
            Console.print("\n" + table.text)
            guard curves != nil else { continue }
            document.experiments += experiments.map { curves in
                Document.Experiment(
                    family: family.meaning,
                    target: curves.target,
                    levels: curves.levels,
                    reports: curves.reports,
                    durations: curves.durations
                )
            }
        }
        if let curves { try JSONEncoder().encode(document).write(to: URL(filePath: curves)) }
    }
}
