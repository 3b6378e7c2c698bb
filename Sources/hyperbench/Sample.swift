import Foundation

/// One measurement: how many trials in how long, and what they cost.
struct Sample: Sendable {
    var trials: Int
    var seconds: Double
    var cost: Cost

    var perSecond: Double { Double(trials) / seconds }

    /// What a span of time cost, in all.
    struct Cost: Sendable {
        /// Processor time of mongod, in seconds.
        var serverSeconds = 0.0
        /// Processor time of this process without its children, in seconds.
        var ownSeconds = 0.0
        /// Commands that mongod ran, by name.
        var commands: [String: Int] = [:]
    }

    /// Processor time of mongod for each trial, in milliseconds.
    var serverMilliseconds: Double { cost.serverSeconds * 1000 / Double(trials) }
    /// Processor time of this process for each trial, in milliseconds.
    var ownMilliseconds: Double { cost.ownSeconds * 1000 / Double(trials) }
    /// Commands for each trial, the most frequent first; those that are rarer than one in twenty trials are left out.
    var commandsPerTrial: [(name: String, count: Double)] {
        cost.commands
            .map { ($0.key, Double($0.value) / Double(trials)) }
            .filter { $0.1 >= 0.05 }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }
}

extension Sample: CustomStringConvertible {
    /// For people: one line.
    var description: String {
        let commands = commandsPerTrial.map { "\($0.name) " + String(format: "%.2f", $0.count) }
        return String(
            format: "%d trials in %.2f s, %.0f/s; CPU ms a trial: mongod %.2f, this process %.2f; commands a trial: ",
            trials,
            seconds,
            perSecond,
            serverMilliseconds,
            ownMilliseconds
        ) + commands.joined(separator: ", ")
    }
}
