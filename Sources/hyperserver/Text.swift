import APIContract
import CommandLineSupport
import ExperimentModel
import Inspection
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

    /// `40 trials: 3 new, 2 running, 34 done (12 stopped early), 1 error (lost)`
    static func counts(
        _ counts: [TrialState: Int],
        failures: [TrialCause: Int] = [:],
        stopped: Int = 0
    ) -> String {
        Wording.counts(counts, failures: failures, stopped: stopped)
    }

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

    /// What becomes of a trial whose worker cannot reach the store, when the file says anything of it.
    static func withoutStore(_ definition: ExperimentDefinition) -> String? {
        if definition.isExclusive { return "exclusive: a trial is ended before its lease is" }
        let seconds = definition.storeOutageLimitSeconds
        guard seconds != ExperimentDefinition.defaultStoreOutageLimitSeconds else { return nil }
        return "a trial runs on for \(duration(seconds))"
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

    /// A time that passes: `3.2s`, `4m10s`, `2h05m`, `3d04h`.
    static func age(_ duration: Duration) -> String { Phrase.fineSpan(duration.inSeconds) }

    /// Everything about an experiment in a few lines.
    static func status(_ overview: ExperimentOverview) -> [String] {
        let experiment = overview.experiment
        let definition = experiment.definition
        var lines = ["experiment \(experiment.id) (\(TextTable.printable(definition.name)))"]
        let reason = experiment.ending.map { " (\($0.reason.rawValue))" } ?? ""
        lines.append("state      \(experiment.state.rawValue)\(reason)")
        lines.append(
            "objective  \(definition.objective.goal.rawValue) \(TextTable.printable(definition.objective.metric))"
        )
        lines.append("sampler    \(definition.sampler.kind.rawValue), seed \(definition.sampler.seed)")
        if let text = PolicyPhrase.short(definition.earlyTermination) { lines.append("stopping   \(text)") }
        if let text = withoutStore(definition) { lines.append("no store   \(text)") }
        if let workspace = definition.workspace {
            lines.append("workspace  \(TextTable.printable(PlacePhrase.workspace(workspace)))")
        }
        lines.append(
            "trials     \(counts(overview.counts, failures: overview.failures, stopped: overview.stopped))"
                + (experiment.limits.maxTrials.map { ", at most \($0)" } ?? "")
        )
        if !overview.failures.isEmpty {
            lines.append("failed     `hyperserver trials \(experiment.id) --dead` tells why")
        }
        if overview.waitingPoints > 0 { lines.append("enqueued   \(overview.waitingPoints) waiting for a trial") }
        if !experiment.retrying.isEmpty {
            lines.append("retrying   trial \(experiment.retrying.map(String.init).joined(separator: ", "))")
        }
        if !experiment.state.isTerminal {
            lines.append("leader     \(overview.lead.map { leader($0, overview.now) } ?? "nobody")")
            lines.append("workers    \(workers(overview))")
            lines += overview.waiting.enumerated().map { index, reason in
                (index == 0 ? "waits      " : "           ") + TextTable.printable(reason.text)
            }
        }
        lines.append("created    \(experiment.createdAt.text)")
        if let end = experiment.finishedAt { lines.append("finished   \(end.text)") }
        if let message = experiment.ending?.message {
            lines += message.split(separator: "\n", omittingEmptySubsequences: false).map {
                "  " + TextTable.printable(String($0))
            }
        }
        lines += running(overview)
        lines += delayed(overview)
        if let best = overview.best { lines += self.best(best, of: experiment) }
        lines.append("last events")
        lines += overview.events.map { "  " + EventText.line($0, of: experiment) }
        return lines
    }

    /// A server or worker without the random part of its name: `node:4711`.
    static func server(_ name: String) -> String {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 2 ? parts.dropLast().joined(separator: ":") : name
    }

    private static func leader(_ lead: LeadRecord, _ now: Timestamp) -> String {
        "\(TextTable.printable(lead.leader)), for another \(age(lead.leaseUntil - now)) unless it renews"
    }

    private static func workers(_ overview: ExperimentOverview) -> String {
        guard !overview.workers.isEmpty else { return "none" }
        let busy = min(overview.running.count, overview.slots)
        return "\(overview.workers.count) live, \(busy) of \(Phrase.count(overview.slots, "slot")) busy"
    }

    /// Running trials that an overview names.
    private static let largestRunningCount = 20
    /// Columns of a curve.
    static let curveColumns = 24

    /// `▁▃▅▇  0.31 … 0.93, best 0.95 @9, 12 reports`
    static func curve(_ curve: CurveSketch) -> String {
        let bars = Sparkline.text(curve, width: curveColumns, isUnicode: LiveOutput.style.isUnicode)
        let words = Wording.curve(curve)
        return bars.isEmpty ? words : "\(bars)  \(words)"
    }

    private static func running(_ overview: ExperimentOverview) -> [String] {
        guard !overview.running.isEmpty else { return [] }
        let shown = overview.running.prefix(largestRunningCount)
        let left = overview.running.count - shown.count
        return ["running"]
            + shown.flatMap { trial in
                let start = trial.attempts.last?.claimedAt ?? trial.createdAt
                let worker = TextTable.printable(trial.owner?.rawValue ?? "?")
                let head =
                    "  trial \(trial.id.number), attempt \(trial.attempt), for \(age(overview.now - start)) on \(worker)"
                return [head] + (overview.curves[trial.id.number].map { ["    " + curve($0)] } ?? [])
            } + (left > 0 ? ["  and \(left) more"] : [])
    }

    /// Trials that are to be repeated and wait for their time.
    private static func delayed(_ overview: ExperimentOverview) -> [String] {
        guard !overview.delayed.isEmpty else { return [] }
        let retries = overview.experiment.definition.retries
        let shown = overview.delayed.prefix(largestRunningCount)
        let left = overview.delayed.count - shown.count
        return ["to be repeated"]
            + shown.map { trial in
                let parts = [RepeatPhrase.wait(trial, now: overview.now), RepeatPhrase.charges(trial, retries)]
                return "  trial \(trial.id.number) " + parts.compactMap { $0 }.joined(separator: "; ")
            } + (left > 0 ? ["  and \(left) more"] : [])
    }
}
