import CommandLineSupport
import Foundation

/// What `hyperbench early-stop` prints of one family: a line for each policy on all seeds.
struct EarlyStoppingTable {
    private var table: TextTable

    init(_ family: CurveFamily) {
        table = TextTable([family.meaning, ">epochs", ">share", ">behind", ">reached", ">epochs to it", ">stopped"])
    }

    /// Adds a policy.
    /// - Parameter bests: the best final level of each experiment.
    mutating func add(_ name: String, runs: [StoppingRun], bests: [Double], epochsWithoutPolicy: Int) {
        let count = Double(runs.count)
        let spent = Double(runs.reduce(0) { $0 + $1.epochs }) / count
        let behind = zip(bests, runs).reduce(0) { $0 + $1.0 - $1.1.best } / count
        let toTarget = runs.map { $0.epochsToTarget ?? .max }.sorted()
        let middle = toTarget[toTarget.count / 2]
        table.add([
            name,
            String(format: "%.0f", spent),
            String(format: "%.0f%%", 100 * spent / Double(epochsWithoutPolicy)),
            String(format: "%.4f", behind),
            "\(toTarget.filter { $0 != .max }.count)/\(runs.count)",
            middle == .max ? "-" : "\(middle)",
            String(format: "%.0f", Double(runs.reduce(0) { $0 + $1.stops }) / count),
        ])
    }

    /// The text of the table.
    var text: String { table.lines.joined(separator: "\n") }
}
