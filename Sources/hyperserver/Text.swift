import APIContract
import CommandLineSupport
import ExperimentModel
import SearchSpace
import TerminalView

/// Experiments and trials as a person reads them.
enum Text {
    /// A number in its shortest exact form.
    static func number(_ value: Double) -> String { Wording.number(value) }

    /// `C=1.5 kernel=rbf`
    static func assignment(_ assignment: Assignment) -> String { Wording.assignment(assignment) }

    /// The best trial in a few lines.
    static func best(_ trial: Trial, of experiment: Experiment) -> [String] { Wording.best(trial, of: experiment) }

    /// `40 trials: 3 new, 2 running, 35 done`
    static func counts(_ counts: [TrialState: Int]) -> String { Wording.counts(counts) }

    /// Every limit that there is, one a line.
    static func limits(_ limits: Limits) -> [String] {
        var lines: [String] = []
        func add(_ name: String, _ value: String?) { if let value { lines.append("\(name) = \(value)") } }
        add("max_trials", limits.maxTrials.map(String.init))
        add("max_concurrent_trials", limits.maxConcurrentTrials.map(String.init))
        add("max_duration", limits.maxDurationSeconds.map(duration))
        add("trial_timeout", limits.trialTimeoutSeconds.map(duration))
        add("max_failed_trials", limits.maxFailedTrials.map(String.init))
        add("goal_value", limits.goalValue.map(number))
        if !limits.isFailFast { add("fail_fast", "false") }
        return lines
    }

    /// `1h30m`, `45s`, `500ms`
    static func duration(_ seconds: Double) -> String {
        guard seconds >= 1, seconds == seconds.rounded() else {
            return seconds < 1 ? "\(number(seconds * 1000))ms" : "\(number(seconds))s"
        }
        var rest = Int(seconds)
        var text = ""
        for (unit, length) in [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] where rest >= length {
            text += "\(rest / length)\(unit)"
            rest %= length
        }
        return text
    }

    /// Everything about an experiment in a few lines.
    static func status(
        _ experiment: Experiment,
        counts: [TrialState: Int],
        best: Trial?,
        workers: [Worker]
    ) -> [String] {
        let definition = experiment.definition
        var lines = ["experiment \(experiment.id) (\(TextTable.printable(definition.name)))"]
        let reason = experiment.ending.map { " (\($0.reason.rawValue))" } ?? ""
        lines.append("state      \(experiment.state.rawValue)\(reason)")
        lines.append("objective  \(definition.objective.goal.rawValue) \(definition.objective.metric)")
        lines.append("sampler    \(definition.sampler.kind.rawValue), seed \(definition.sampler.seed)")
        lines.append("trials     \(self.counts(counts))\(experiment.limits.maxTrials.map { ", at most \($0)" } ?? "")")
        let serving = workers.filter { $0.serves(experiment.id) }
        let slots = serving.reduce(0) { $0 + $1.slots }
        if !experiment.state.isTerminal { lines.append("workers    \(serving.count) live with \(slots) slots") }
        lines.append("created    \(experiment.createdAt.text)")
        if let end = experiment.finishedAt { lines.append("finished   \(end.text)") }
        if let message = experiment.ending?.message {
            lines += message.split(separator: "\n", omittingEmptySubsequences: false).map {
                "  " + TextTable.printable(String($0))
            }
        }
        if let best { lines += self.best(best, of: experiment) }
        return lines
    }
}
