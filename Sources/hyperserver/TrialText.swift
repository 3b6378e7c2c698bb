import APIContract
import CommandLineSupport
import Execution
import ExperimentModel
import Inspection
import SearchSpace

/// Trials as a person reads them.
enum TrialText {
    /// Reports that the view of one trial shows, the last ones.
    static let reportCount = 10

    /// One line for each trial; what was repeated, only if anything was.
    static func list(_ trials: [Trial], retries: RetryLimits, now: Timestamp) -> TextTable {
        let hasRepeats = trials.contains { !$0.charges.isEmpty }
        let heading = [">TRIAL", "STATE", "CAUSE", ">VALUE", ">ATTEMPTS"] + (hasRepeats ? ["REPEATS"] : [])
        var table = TextTable(heading + ["PARAMETERS"])
        for trial in trials {
            let repeats = [
                RepeatPhrase.shortCharges(trial, retries), RepeatPhrase.wait(trial, now: now) ?? "",
            ].filter { !$0.isEmpty }
            let cells = [
                String(trial.id.number), trial.state.name, trial.cause?.rawValue ?? "-",
                trial.value.map(Text.number) ?? "-", String(trial.attempt),
            ]
            let middle = hasRepeats ? [repeats.isEmpty ? "-" : repeats.joined(separator: ", ")] : []
            table.add(cells + middle + [Text.assignment(trial.assignment)])
        }
        return table
    }

    /// Everything about one trial.
    static func detail(
        _ trial: Trial,
        _ observations: [Observation],
        now: Timestamp,
        _ experiment: Experiment
    ) -> [String] {
        let cause = trial.cause.map { " (\($0.rawValue))" } ?? ""
        let metric = experiment.definition.objective.metric
        var lines = [
            "trial \(trial.id.number) of experiment \(experiment.id)", "state      \(trial.state.name)\(cause)",
        ]
        if let wait = RepeatPhrase.wait(trial, now: now) { lines.append("waits      \(wait)") }
        if let charges = RepeatPhrase.charges(trial, experiment.definition.retries) {
            lines.append("repeats    \(charges)")
        }
        if let value = trial.value { lines.append("value      \(TextTable.printable(metric))=\(Text.number(value))") }
        lines.append("origin     \(TextTable.printable(trial.origin.text))")
        lines.append("created    \(trial.createdAt.text)")
        if let end = trial.finishedAt { lines.append("finished   \(end.text)") }
        lines.append("parameters")
        lines += ParameterValue.flattened(trial.assignment).map { path, value in
            "  \(path) = \(TextTable.printable(value.valueText ?? "null"))"
        }
        for attempt in trial.attempts {
            lines += detail(attempt, now: now)
            lines += reports(observations.filter { $0.attempt == attempt.number })
        }
        if trial.attempts.isEmpty { lines.append("no attempt yet") }
        return lines
    }

    private static func detail(_ attempt: TrialAttempt, now: Timestamp) -> [String] {
        let duration = Text.age((attempt.endedAt ?? now) - attempt.claimedAt)
        let end = attempt.endedAt.map { "\($0.text) (\(duration))" } ?? "running for \(duration)"
        var lines = [
            "attempt \(attempt.number)\(attempt.outcome.map { ": \($0.cause.rawValue)" } ?? "")",
            "  worker   \(TextTable.printable(attempt.worker.rawValue)) on \(TextTable.printable(attempt.host))",
            "  claimed  \(attempt.claimedAt.text)",
            "  ended    \(end)",
        ]
        guard let outcome = attempt.outcome else { return lines }
        if let value = outcome.value { lines.append("  value    \(Text.number(value))") }
        if let status = outcome.exitStatus { lines.append("  exit     status \(status)") }
        if let signal = outcome.signal { lines.append("  exit     signal \(signal)") }
        if let message = outcome.message { lines += block("message", message) }
        if let arguments = outcome.arguments {
            lines.append("  command  " + CommandTemplate.typed(arguments.map(TextTable.printable)))
        }
        if let tail = outcome.errorTail, !tail.isEmpty { lines += block("stderr", tail) }
        return lines
    }

    private static func reports(_ observations: [Observation]) -> [String] {
        guard !observations.isEmpty else { return [] }
        let left = observations.count - reportCount
        var lines = ["  reports" + (left > 0 ? "  the last \(reportCount) of \(observations.count)" : "")]
        lines += observations.suffix(reportCount).map { observation in
            "    step \(observation.step)  \(TextTable.printable(observation.metric))=\(Text.number(observation.value))"
        }
        return lines
    }

    static func block(_ name: String, _ text: String) -> [String] {
        ["  \(name)"] + text.split(whereSeparator: \.isNewline).map { "    " + TextTable.printable(String($0)) }
    }
}
