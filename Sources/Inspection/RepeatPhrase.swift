public import ExperimentModel

/// Causes, charges and waits as a person reads them, the same wherever they are shown.
public enum RepeatPhrase {
    /// `2 failed, 1 lost`: the most frequent first; empty without any.
    public static func causes(_ causes: [TrialCause: Int]) -> String { TrialCause.summary(of: causes) }

    /// Causes of trials, counted; those without an outcome count by the cause of their last attempt.
    public static func causes(of trials: [Trial]) -> [TrialCause: Int] {
        let causes = trials.compactMap { $0.cause ?? $0.attempts.last?.outcome?.cause }
        return Dictionary(grouping: causes) { $0 }.mapValues(\.count)
    }

    /// `2 of 3 lost repeats used, 1 of 1 failed repeat used`; `nil` when none was needed.
    public static func charges(_ trial: Trial, _ retries: RetryLimits) -> String? {
        let parts = used(trial).map { cause, charged in
            let allowed = retries.allowed(for: cause)
            return "\(charged) of \(allowed) \(cause.rawValue) \(allowed == 1 ? "repeat" : "repeats") used"
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// `failed 1/2 lost 2/3`: the same in few columns; empty when no repeat was needed.
    public static func shortCharges(_ trial: Trial, _ retries: RetryLimits) -> String {
        used(trial).map { "\($0.rawValue) \($1)/\(retries.allowed(for: $0))" }.joined(separator: " ")
    }

    /// `waits 8s for its next attempt`; `nil` when it does not.
    public static func wait(_ trial: Trial, now: Timestamp) -> String? {
        guard trial.isDelayed(at: now), let due = trial.notBefore else { return nil }
        return "waits \(seconds(due - now)) for its next attempt"
    }

    /// A wait in whole seconds, rounded up: nobody waits for 0 s.
    static func seconds(_ wait: Duration) -> String { Phrase.span(wait.inSeconds.rounded(.up)) }

    private static func used(_ trial: Trial) -> [(TrialCause, Int)] {
        trial.charges.filter { $0.value > 0 }.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
    }
}
