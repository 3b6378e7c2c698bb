import SearchSpace

extension Limits {
    /// What differs in `new`, one text for each limit, such as `max_trials 40 → 60`.
    public func changes(to new: Limits) -> [String] {
        zip(texts, new.texts).compactMap { old, new in
            old.text == new.text ? nil : "\(old.name) \(old.text) → \(new.text)"
        }
    }

    private var texts: [(name: String, text: String)] {
        func text(_ number: Double?) -> String { number.map { ParameterValue.double($0).json } ?? "none" }
        func text(_ number: Int?) -> String { number.map(String.init) ?? "none" }
        return [
            ("max_trials", text(maxTrials)),
            ("max_concurrent_trials", text(maxConcurrentTrials)),
            ("max_duration", text(maxDurationSeconds)),
            ("trial_timeout", text(trialTimeoutSeconds)),
            ("max_failed_trials", text(maxFailedTrials)),
            ("goal_value", text(goalValue)),
            ("fail_fast", isFailFast ? "true" : "false"),
        ]
    }
}
