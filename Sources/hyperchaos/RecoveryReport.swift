import CommandLineSupport
import Foundation

/// Seconds until somebody took over, as a table or as JSON.
struct RecoveryReport {
    private struct Row: Encodable {
        var name: String
        var seconds: [Double]
        var loadBefore: Double
        var loadAfter: Double

        /// The middle value, or the mean of the two in the middle.
        var median: Double {
            let sorted = seconds.sorted()
            guard let last = sorted.last else { return .nan }
            let middle = sorted.count / 2
            return sorted.count.isMultiple(of: 2)
                ? (sorted[middle - 1] + sorted[middle]) / 2 : min(sorted[middle], last)
        }
    }

    private var rows: [Row] = []

    mutating func add(_ name: String, _ seconds: [Double], load: (before: Double, after: Double)) {
        rows.append(Row(name: name, seconds: seconds, loadBefore: load.before, loadAfter: load.after))
    }

    /// For people.
    var text: String {
        var table = TextTable(["seconds from … to …", ">n", ">min", ">median", ">max", ">load"])
        for row in rows {
            let figures = [row.seconds.min() ?? .nan, row.median, row.seconds.max() ?? .nan]
            table.add(
                [row.name, "\(row.seconds.count)"] + figures.map { String(format: "%.2f", $0) }
                    + [
                        String(
                            format: "%.1f-%.1f",
                            min(row.loadBefore, row.loadAfter),
                            max(row.loadBefore, row.loadAfter)
                        )
                    ]
            )
        }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return (["hyper \(Version.text), \(cores) cores", ""] + table.lines).joined(separator: "\n")
    }

    /// One object with all samples.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(["lines": rows]), as: UTF8.self)
    }
}
