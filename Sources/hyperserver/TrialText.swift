import APIContract
import CommandLineSupport
import Execution
import ExperimentModel
import Inspection
import SearchSpace
import TerminalView

/// Trials as a person reads them.
enum TrialText {
    /// Reports that the view of one trial shows, the last ones.
    static let reportCount = 10
    /// Columns of a curve in a list.
    static let listCurveColumns = 16

    /// One line for each trial; what was repeated or stopped early, only if anything was.
    /// - Parameter curves: of each trial, when they are to be shown.
    static func list(
        _ trials: [Trial],
        retries: RetryLimits,
        now: Timestamp,
        curves: [CurveSketch?]? = nil
    ) -> TextTable {
        let hasRepeats = trials.contains { !$0.charges.isEmpty }
        let hasStops = trials.contains { $0.endingStop != nil }
        let heading = [">TRIAL", "STATE", "CAUSE", ">VALUE", ">ATTEMPTS"] + (hasRepeats ? ["REPEATS"] : [])
        let further = (hasStops ? ["STOPPED"] : []) + (curves == nil ? [] : ["CURVE"])
        var table = TextTable(heading + further + ["PARAMETERS"])
        for (index, trial) in trials.enumerated() {
            let repeats = RepeatPhrase.short(trial, retries, now: now)
            let cells = [
                String(trial.id.number), trial.state.name, trial.cause?.rawValue ?? "-",
                trial.value.map(Text.number) ?? "-", String(trial.attempt),
            ]
            let middle = hasRepeats ? [repeats.isEmpty ? "-" : repeats] : []
            let stop = hasStops ? [trial.endingStop.map(PolicyPhrase.short) ?? "-"] : []
            let curve = curves.map { curves in
                let bars = curves[index].map {
                    Sparkline.text($0, width: listCurveColumns, isUnicode: LiveOutput.style.isUnicode)
                }
                return [bars ?? "-"]
            }
            table.add(cells + middle + stop + (curve ?? []) + [Text.assignment(trial.assignment)])
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
        if let stop = trial.endingStop { lines.append("why        \(TextTable.printable(stop.message))") }
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
            let curve = CurveSketch(observations, attempt: attempt.number, objective: experiment.definition.objective)
            if curve.reports > 0 { lines.append("  curve    \(Text.curve(curve))") }
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
