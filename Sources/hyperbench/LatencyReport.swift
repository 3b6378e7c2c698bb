import CommandLineSupport
import Foundation

/// Percentiles of every line, as a table or as JSON.
struct LatencyReport: Sendable {
    private struct Row: Sendable {
        var name: String
        var values: [Double]
        /// Sum of the medians of what the step is made of, measured without us.
        var floor: Double?
    }

    private let trials: Int
    /// Load average of the last minute at the start: how quiet the machine was.
    private let load: Double
    private var rows: [Row] = []

    init(trials: Int) {
        self.trials = trials
        var averages = [0.0]
        load = getloadavg(&averages, 1) == 1 ? averages[0] : .nan
    }

    mutating func add(_ floor: LatencyFloor.Samples) {
        rows.append(Row(name: "floor: majority insert, call to answer", values: floor.insert))
        rows.append(Row(name: "floor: majority insert, call to change event", values: floor.event))
        rows.append(Row(name: "floor: majority claim", values: floor.claim))
        rows.append(Row(name: "floor: majority result", values: floor.result))
        rows.append(Row(name: "floor: spawn to running", values: floor.spawn))
    }

    mutating func add(_ starts: LatencyRun.Starts, slots: Int, _ floor: LatencyFloor.Samples) {
        let (insert, event) = (Self.percentile(floor.insert, 50), Self.percentile(floor.event, 50))
        let start = Self.percentile(floor.claim, 50) + Self.percentile(floor.spawn, 50)
        let result = Self.percentile(floor.result, 50)
        add("insert acknowledged to started", slots, starts.acknowledged, max(0, event - insert) + start)
        add("insert called to started", slots, starts.called, event + start)
        add("ended to next started", slots, starts.turnaround, result + start)
        add("ended to known by the leader", slots, starts.resultKnown, event)
    }

    mutating func add(_ reports: LatencyRun.Reports, slots: Int, _ floor: LatencyFloor.Samples) {
        let (insert, event) = (Self.percentile(floor.insert, 50), Self.percentile(floor.event, 50))
        add("printed to readable in the store", slots, reports.seen, insert)
        add("cancel called to process gone", slots, reports.cancelled, event + Self.percentile(floor.result, 50))
    }

    /// A report, its event, the order with its event, and what a renewal writes.
    mutating func addStops(_ stops: [Double], slots: Int, _ floor: LatencyFloor.Samples) {
        let event = Self.percentile(floor.event, 50)
        add("report printed to SIGTERM received", slots, stops, 2 * event + Self.percentile(floor.result, 50))
    }

    private mutating func add(_ name: String, _ slots: Int, _ values: [Double], _ floor: Double) {
        rows.append(Row(name: "\(name), slots \(slots)", values: values, floor: floor))
    }

    /// The value that `percent` of the values do not exceed (nearest rank).
    static func percentile(_ values: [Double], _ percent: Int) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        return sorted[min(sorted.count, max(1, (sorted.count * percent + 99) / 100)) - 1]
    }

    /// The table.
    var text: String {
        var table = TextTable(["milliseconds", ">p50", ">p90", ">p99", ">max", ">n", ">floor p50"])
        for row in rows {
            let figures = [50, 90, 99, 100].map { String(format: "%.2f", Self.percentile(row.values, $0)) }
            let floor = row.floor.map { String(format: "%.2f", $0) } ?? ""
            table.add([row.name] + figures + ["\(row.values.count)", floor])
        }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let heading = "hyper \(Version.text), \(cores) cores, load \(String(format: "%.1f", load))"
        return ([heading, ""] + table.lines).joined(separator: "\n")
    }

    private struct Output: Encodable {
        struct Line: Encodable {
            var name: String
            var p50: Double
            var p90: Double
            var p99: Double
            var max: Double
            var floorP50: Double?
            var milliseconds: [Double]
        }

        var version: String
        var cores: Int
        var load: Double?
        var trials: Int
        var lines: [Line]
    }

    /// One object with all samples.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let output = Output(
            version: Version.text,
            cores: ProcessInfo.processInfo.activeProcessorCount,
            load: load.isFinite ? load : nil,
            trials: trials,
            lines: rows.map { row in
                Output.Line(
                    name: row.name,
                    p50: Self.percentile(row.values, 50),
                    p90: Self.percentile(row.values, 90),
                    p99: Self.percentile(row.values, 99),
                    max: Self.percentile(row.values, 100),
                    floorP50: row.floor,
                    milliseconds: row.values
                )
            }
        )
        return String(decoding: try encoder.encode(output), as: UTF8.self)
    }
}
