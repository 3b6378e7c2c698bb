import CommandLineSupport
public import ExperimentModel
import Foundation
public import Inspection
public import SearchSpace

/// Numbers, times, counts and assignments as a person reads them.
public enum Wording {
    /// A number in its shortest exact form.
    public static func number(_ value: Double) -> String { ParameterValue.double(value).json }

    /// Columns that an exact number may take where room is scarce.
    private static let longestExact = 10

    /// A number for where room is scarce: exact if that is short, else with six digits.
    public static func rounded(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let exact = number(value)
        return exact.count <= longestExact ? exact : String(format: "%.6g", value)
    }

    /// `C=1.5 kernel=rbf`
    public static func assignment(_ assignment: Assignment) -> String {
        ParameterValue.flattened(assignment).map { path, value in
            "\(printable(path))=\(printable(value.valueText ?? "null"))"
        }.joined(separator: " ")
    }

    /// The best trial in a few lines.
    public static func best(_ trial: Trial, of experiment: Experiment) -> [String] {
        let metric = printable(experiment.definition.objective.metric)
        return ["best trial \(trial.id.number): \(metric)=\(trial.value.map(number) ?? "?")"]
            + (trial.endingStop.map { ["  (\(printable($0.message)))"] } ?? [])
            + ParameterValue.flattened(trial.assignment).map { path, value in
                "  \(printable(path)) = \(printable(value.valueText ?? "null"))"
            }
    }

    /// `40 trials: 3 new, 2 running, 34 done (12 stopped early), 1 error (lost)`; causes only where they are known.
    public static func counts(
        _ counts: [TrialState: Int],
        failures: [TrialCause: Int] = [:],
        stopped: Int = 0
    ) -> String {
        let parts = TrialState.allCases.compactMap { state in
            counts[state].flatMap { count in
                count > 0 ? "\(count) \(state.name)\(remark(state, failures, stopped))" : nil
            }
        }
        let total = counts.values.reduce(0, +)
        return Phrase.count(total, "trial") + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
    }

    /// What is said behind the number of trials in a state: ` (12 stopped early)`, ` (2 failed, 1 lost)`, or nothing.
    static func remark(_ state: TrialState, _ failures: [TrialCause: Int], _ stopped: Int) -> String {
        switch state {
        case .done: PolicyPhrase.count(stopped).map { " (\($0))" } ?? ""
        case .failed: causes(failures)
        case .new, .running, .cancelled: ""
        }
    }

    /// A learning curve in words: `0.31 … 0.93, best 0.95 @9, 12 reports`; steps behind the @.
    public static func curve(_ curve: CurveSketch) -> String {
        var text = curve.first.map { rounded($0.value) } ?? "-"
        if let last = curve.last, curve.reports > 1 { text += " … \(rounded(last.value))" }
        if let best = curve.best { text += ", best \(rounded(best.value)) @\(best.step)" }
        return text + ", \(Phrase.count(curve.reports, "report"))"
    }

    /// ` (lost)`, ` (2 failed, 1 lost)`, or nothing.
    static func causes(_ failures: [TrialCause: Int]) -> String {
        if failures.count == 1, let cause = failures.keys.first { return " (\(cause.rawValue))" }
        return failures.isEmpty ? "" : " (\(RepeatPhrase.causes(failures)))"
    }

    /// The text without anything that a terminal would act on.
    static func printable(_ text: String) -> String { TextTable.printable(text) }
}
