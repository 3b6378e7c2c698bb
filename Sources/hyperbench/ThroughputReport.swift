import CommandLineSupport
import Foundation

/// The samples of all repeats, line by line, as a table or as JSON.
struct ThroughputReport: Sendable {
    /// What a line of the report is about, in the order of the report.
    enum Line: Hashable, Sendable {
        case raw(loops: Int)
        case engine(slots: Int)
        case engineOfRaw(slots: Int)
        case xargs(parallel: Int)
        case command(slots: Int)
        case commandOfXargs(slots: Int)
        case rawProcesses(threads: Int)
        case processes(slots: Int)
        case processesOfRaw(slots: Int)

        /// For people and for programs.
        var name: String {
            switch self {
            case .raw(let loops): "raw ceiling, loops \(loops)"
            case .engine(let slots): "engine, instant trials, slots \(slots)"
            case .engineOfRaw(let slots): "engine / raw, \(slots)"
            case .xargs(let parallel): "xargs -P \(parallel) /bin/echo"
            case .command(let slots): "engine, /bin/echo trials, slots \(slots)"
            case .commandOfXargs(let slots): "engine / xargs, \(slots)"
            case .rawProcesses(let threads): "C loop, /bin/true, threads \(threads)"
            case .processes(let slots): "engine, /bin/true trials, slots \(slots)"
            case .processesOfRaw(let slots): "engine / C loop, \(slots)"
            }
        }
    }

    private struct Row: Sendable {
        var line: Line
        var unit: String
        var values: [Double]
        /// The last sample, for what a trial costs; a ratio has none.
        var sample: Sample?
    }

    private let slots: Int
    private let seconds: Double
    private let server: String
    /// Load average of the last minute when the first repeat began: how quiet the machine was.
    private let load: Double
    private var rows: [Row] = []

    init(slots: Int, seconds: Double, server: String) {
        self.slots = slots
        self.seconds = seconds
        self.server = server
        var averages = [0.0]
        load = getloadavg(&averages, 1) == 1 ? averages[0] : .nan
    }

    /// Adds a measurement of trials per second.
    mutating func add(_ sample: Sample, to line: Line) {
        add(sample.perSecond, to: line, unit: "trials/s", sample)
    }

    /// Adds a ratio of two measurements of one repeat.
    mutating func add(ratio: Double, to line: Line) {
        add(ratio, to: line, unit: "ratio", nil)
    }

    private mutating func add(_ value: Double, to line: Line, unit: String, _ sample: Sample?) {
        if let index = rows.firstIndex(where: { $0.line == line }) {
            rows[index].values.append(value)
            rows[index].sample = sample
        } else {
            rows.append(Row(line: line, unit: unit, values: [value], sample: sample))
        }
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    // MARK: Output

    /// The table, and below it what a trial costs.
    var text: String {
        var table = TextTable(["measured", ">min", ">median", ">max", "unit"])
        var costs = TextTable(["a trial costs", ">mongod ms", ">own ms", "commands"])
        for row in rows {
            let format = row.sample == nil ? "%.2f" : "%.0f"
            let figures = [row.values.min() ?? 0, Self.median(row.values), row.values.max() ?? 0]
            table.add([row.line.name] + figures.map { String(format: format, $0) } + [row.unit])
            guard let sample = row.sample, !sample.cost.commands.isEmpty else { continue }
            let commands = sample.commandsPerTrial.map { "\($0.name) " + String(format: "%.2f", $0.count) }
            costs.add([
                row.line.name, String(format: "%.2f", sample.serverMilliseconds),
                String(format: "%.2f", sample.ownMilliseconds), commands.joined(separator: ", "),
            ])
        }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let heading = "MongoDB \(server), hyper \(Version.text), \(cores) cores, load \(String(format: "%.1f", load))"
        return ([heading, ""] + table.lines + [""] + costs.lines).joined(separator: "\n")
    }

    private struct Output: Encodable {
        struct Line: Encodable {
            var name: String
            var unit: String
            var samples: [Double]
            var min: Double
            var median: Double
            var max: Double
            var serverMillisecondsPerTrial: Double?
            var ownMillisecondsPerTrial: Double?
            var commandsPerTrial: [String: Double]?
        }

        var mongodb: String
        var version: String
        var cores: Int
        var load: Double?
        var slots: Int
        var seconds: Double
        var lines: [Line]
    }

    /// One object with all samples.
    func json() throws -> String {
        let lines = rows.map { row in
            let cost = row.sample.flatMap { $0.cost.commands.isEmpty ? nil : $0 }
            return Output.Line(
                name: row.line.name,
                unit: row.unit,
                samples: row.values,
                min: row.values.min() ?? 0,
                median: Self.median(row.values),
                max: row.values.max() ?? 0,
                serverMillisecondsPerTrial: cost?.serverMilliseconds,
                ownMillisecondsPerTrial: cost?.ownMilliseconds,
                commandsPerTrial: cost.map { $0.commandsPerTrial.reduce(into: [:]) { $0[$1.name] = $1.count } }
            )
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let output = Output(
            mongodb: server,
            version: Version.text,
            cores: ProcessInfo.processInfo.activeProcessorCount,
            load: load.isFinite ? load : nil,
            slots: slots,
            seconds: seconds,
            lines: lines
        )
        return String(decoding: try encoder.encode(output), as: UTF8.self)
    }
}
