import CommandLineSupport
import Execution
public import ExperimentModel
import Inspection
import SearchSpace

/// What is said at the end of an experiment: how it ended, the best trial, its course, and where to go on from there.
public enum EndReport {
    /// Bytes of a command from which on it is not shown among other lines.
    static let longestCommandBytes = 2 << 10
    /// Lines of standard error that are shown of the latest failure.
    static let errorLines = 10
    private static let labelColumns = 12

    /// What the report is made from.
    public struct Material: Sendable {
        /// The experiment, which has ended.
        public var experiment: Experiment
        /// Its trials.
        public var trials: [Trial]
        /// What the best attempt left behind.
        public var files: Files

        /// What is known of the files that an attempt left.
        public enum Files: Sendable, Hashable {
            /// They are in this directory of this machine.
            case here(String)
            /// It left none.
            case none
            /// Only its worker's host knows.
            case unknown
        }

        /// Material of a report.
        public init(experiment: Experiment, trials: [Trial], files: Files = .unknown) {
            self.experiment = experiment
            self.trials = trials
            self.files = files
        }

        /// The done trial with the best objective, the earliest of equals.
        public var best: Trial? {
            let objective = experiment.definition.objective
            var best: (trial: Trial, value: Double)?
            for trial in trials where trial.state == .done {
                guard let value = trial.value else { continue }
                if let best, !objective.isBetter(value, than: best.value) { continue }
                best = (trial, value)
            }
            return best?.trial
        }
    }

    /// The report. - Parameter width: columns of the terminal.
    public static func lines(_ material: Material, width: Int, style: ViewStyle) -> [String] {
        let experiment = material.experiment
        let reason = experiment.ending.map { " (\($0.reason.rawValue))" } ?? ""
        let counts = Dictionary(grouping: material.trials, by: \.state).mapValues(\.count)
        let stopped = material.trials.count { $0.state == .done && $0.cause == .stoppedEarly }
        var lines = ["\(experiment.state.rawValue)\(reason), \(Wording.counts(counts, stopped: stopped))"]
        let best = material.best
        if let best {
            lines += Wording.best(best, of: experiment)
            lines += chart(material, width, style)
        }
        lines += failures(material, isOnlyResult: best == nil, style)
        if !material.trials.isEmpty { lines.append("") }
        if let best { lines += whereabouts(best, material) }
        if let failed = latestFailure(material) {
            lines.append(labelled("last failed", "hyperserver logs \(experiment.id) \(failed.id.number)"))
            lines.append(labelled("all failed", "hyperserver trials \(experiment.id) --dead"))
        }
        if !material.trials.isEmpty {
            lines.append(labelled("all trials", "hyperserver trials \(experiment.id)"))
        }
        if best != nil, experiment.ending?.reason == .maxTrials {
            lines.append(labelled("go on", "hyperserver set \(experiment.id) max_trials=+20"))
        }
        return lines
    }

    private static func labelled(_ label: String, _ text: String) -> String {
        TextWidth.padded(label, to: labelColumns) + text
    }

    private static func chart(_ material: Material, _ width: Int, _ style: ViewStyle) -> [String] {
        let objective = material.experiment.definition.objective
        let points = material.trials.compactMap { trial in
            trial.state == .done
                ? trial.value.map { BestChart.Point(trial: trial.id.number, value: $0) } : nil
        }
        let chart = BestChart.lines(points, objective: objective, width: width, style: style)
        guard !chart.isEmpty else { return [] }
        return ["", "best \(style.shown(objective.metric)) so far (\(objective.goal.rawValue))"] + chart
    }

    private static func latestFailure(_ material: Material) -> Trial? {
        material.trials.filter { $0.state == .failed }.max { $0.id.number < $1.id.number }
    }

    /// Causes counted, and the last words of the latest failure when there is nothing better to show.
    private static func failures(_ material: Material, isOnlyResult: Bool, _ style: ViewStyle) -> [String] {
        let failed = material.trials.filter { $0.state == .failed }
        guard !failed.isEmpty else { return [] }
        let causes = RepeatPhrase.causes(RepeatPhrase.causes(of: failed))
        var lines = ["", "\(Phrase.count(failed.count, "trial")) failed: \(causes)"]
        // The ending's message, which is printed as the error, has them already.
        guard isOnlyResult, material.experiment.ending?.message == nil,
            let latest = latestFailure(material), let outcome = latest.attempts.last?.outcome
        else { return lines }
        if let message = outcome.message { lines.append("trial \(latest.id.number): \(Wording.printable(message))") }
        if let tail = outcome.errorTail, !tail.isEmpty {
            lines += tail.split(separator: "\n", omittingEmptySubsequences: false).suffix(errorLines).map {
                "  " + Wording.printable(String($0))
            }
        }
        return lines
    }

    /// How to run the best again, and where its output and its files are.
    private static func whereabouts(_ best: Trial, _ material: Material) -> [String] {
        guard let attempt = best.attempts.last else { return [] }
        let id = best.id.experiment
        var lines: [String] = []
        // What cannot be filled in was never run.
        if let command = try? RerunCommand.line(material.experiment.definition, best.assignment) {
            let isLong = command.utf8.count > longestCommandBytes
            lines.append(labelled("rerun best", isLong ? "hyperserver best \(id) --command" : command))
        }
        lines.append(labelled("its output", "hyperserver logs \(id) \(best.id.number)"))
        switch material.files {
        case .here(let directory): lines.append(labelled("its files", Wording.printable(directory)))
        case .none: break
        case .unknown:
            let path = "\(id)/\(best.id.number)-\(attempt.number)/output"
            let host = Wording.printable(attempt.host)
            lines.append(labelled("its files", "if any, on \(host) in \(path) of the worker's --workdir"))
        }
        return lines
    }
}
