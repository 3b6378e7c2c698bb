import CommandLineSupport
import ExperimentModel
import Inspection
import SearchSpace

/// Dead letters: trials in state `error`, each with why.
extension TrialText {
    /// Lines of standard error that are shown of each.
    static let deadLetterErrorLines = 5

    /// Each with its attempts and the last that it wrote to standard error, and the line that tries them all again.
    static func deadLetters(_ trials: [Trial], of experiment: Experiment) -> [String] {
        guard !trials.isEmpty else { return ["Experiment \(experiment.id) has no trial in state error."] }
        let causes = RepeatPhrase.causes(RepeatPhrase.causes(of: trials))
        var lines = ["\(Phrase.count(trials.count, "trial")) failed: \(causes)"]
        for trial in trials {
            lines.append("")
            lines += deadLetter(trial, experiment)
        }
        return lines + ["", "To try \(trials.count == 1 ? "it" : "them") again:"] + retryLines(trials, experiment)
    }

    private static func deadLetter(_ trial: Trial, _ experiment: Experiment) -> [String] {
        let attempts = Phrase.count(trial.attempts.count, "attempt")
        let charges = RepeatPhrase.charges(trial, experiment.definition.retries).map { ", \($0)" } ?? ""
        var lines = ["trial \(trial.id.number): \(trial.cause?.rawValue ?? "?") after \(attempts)\(charges)"]
        lines.append("  \(Text.assignment(trial.assignment))")
        for attempt in trial.attempts {
            let cause = attempt.outcome?.cause.rawValue ?? "?"
            let worker = TextTable.printable(attempt.worker.rawValue)
            lines.append("  attempt \(attempt.number) \(cause) on \(TextTable.printable(attempt.host)) (\(worker))")
        }
        let last = trial.attempts.last?.outcome
        if let message = last?.message { lines += block("message", message) }
        // The last attempt that said something: a worker that vanished with the next one says nothing.
        let tail = trial.attempts.compactMap(\.outcome?.errorTail).last { $0.contains { !$0.isWhitespace } }
        if let tail {
            let rows = tail.split(whereSeparator: \.isNewline).suffix(deadLetterErrorLines)
            lines += block("stderr", rows.joined(separator: "\n"))
        }
        return lines
    }

    /// Numbers that fit into a line to paste.
    private static let largestPastedCount = 20

    private static func retryLines(_ trials: [Trial], _ experiment: Experiment) -> [String] {
        let command = "hyperserver retry \(experiment.id)"
        guard trials.count <= largestPastedCount else { return ["  \(command) --dead"] }
        let numbers = trials.map { String($0.id.number) }.joined(separator: " ")
        return ["  \(command) \(numbers)"]
    }
}
