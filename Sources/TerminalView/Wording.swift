import CommandLineSupport
public import ExperimentModel
import Foundation
public import SearchSpace

/// Numbers, times, counts and assignments as a person reads them.
public enum Wording {
    /// A number in its shortest exact form.
    public static func number(_ value: Double) -> String { ParameterValue.double(value).json }

    /// A number with six digits, for where room is scarce.
    public static func rounded(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        return String(format: "%.6g", value)
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
            + ParameterValue.flattened(trial.assignment).map { path, value in
                "  \(printable(path)) = \(printable(value.valueText ?? "null"))"
            }
    }

    /// `40 trials: 3 new, 2 running, 35 done`
    public static func counts(_ counts: [TrialState: Int]) -> String {
        let parts = TrialState.allCases.compactMap { state in
            counts[state].flatMap { $0 > 0 ? "\($0) \(state.name)" : nil }
        }
        let total = counts.values.reduce(0, +)
        return count(total, "trial") + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
    }

    /// `1 trial`, `2 trials`
    static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

    /// A time that has passed, as a clock: `0:07`, `12:34`, `1:02:03`, `3d 04:05`.
    static func elapsed(_ seconds: Double) -> String {
        let whole = wholeSeconds(seconds)
        let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60)
        if days > 0 { return "\(days)d \(padded(hours)):\(padded(minutes))" }
        if hours > 0 { return "\(hours):\(padded(minutes)):\(padded(whole % 60))" }
        return "\(minutes):\(padded(whole % 60))"
    }

    /// A time to come, in its two largest units: `45s`, `2m10s`, `1h05m`, `3d4h`.
    static func span(_ seconds: Double) -> String {
        let whole = wholeSeconds(seconds)
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return "\(whole / 60)m\(padded(whole % 60))s" }
        if whole < 86_400 { return "\(whole / 3600)h\(padded(whole / 60 % 60))m" }
        return "\(whole / 86_400)d\(whole / 3600 % 24)h"
    }

    /// Longest time that is told exactly.
    private static let longestSeconds = 86_400.0 * 36_500

    private static func wholeSeconds(_ seconds: Double) -> Int {
        seconds.isNaN ? 0 : Int(min(max(0, seconds), longestSeconds))
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The text without anything that a terminal would act on.
    static func printable(_ text: String) -> String { TextTable.printable(text) }
}
