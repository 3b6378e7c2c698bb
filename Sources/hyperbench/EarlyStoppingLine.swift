import Foundation

/// A line of the table of `hyperbench early-stop`: a policy on all seeds of a family.
struct EarlyStoppingLine: CustomStringConvertible {
    private static let columns = [("policy", -36), ("epochs", 8), ("share", 9), ("behind", 9), ("reached", 9)]
    private static let lastColumns = [("epochs to", 10), ("stops", 7)]

    /// The names of the columns.
    static var heading: String {
        (columns + lastColumns).map { name, width in pad(name, width) }.joined()
    }

    private let cells: [String]

    /// - Parameter bests: the best final level of each experiment.
    init(name: String, runs: [StoppingRun], bests: [Double], epochsWithoutPolicy: Int) {
        let count = Double(runs.count)
        let spent = Double(runs.reduce(0) { $0 + $1.epochs }) / count
        let behind = zip(bests, runs).reduce(0) { $0 + $1.0 - $1.1.best } / count
        let toTarget = runs.map { $0.epochsToTarget ?? .max }.sorted()
        let middle = toTarget[toTarget.count / 2]
        cells = [
            name,
            String(format: "%.0f", spent),
            String(format: "%.0f%%", 100 * spent / Double(epochsWithoutPolicy)),
            String(format: "%.4f", behind),
            "\(toTarget.filter { $0 != .max }.count)/\(runs.count)",
            middle == .max ? "-" : "\(middle)",
            String(format: "%.0f", Double(runs.reduce(0) { $0 + $1.stops }) / count),
        ]
    }

    /// The cells, each in its column.
    var description: String {
        zip(Self.columns + Self.lastColumns, cells).map { column, cell in Self.pad(cell, column.1) }.joined()
    }

    /// To the right in its column; to the left where the width is negative.
    private static func pad(_ text: String, _ width: Int) -> String {
        let space = String(repeating: " ", count: max(1, abs(width) - text.count))
        return width < 0 ? text + space : space + text
    }
}
