/// Why an attempt ended; kept apart everywhere, since each calls for something else.
public enum TrialCause: String, Sendable, Hashable, Codable, CaseIterable {
    /// Exit 0 with a finite objective.
    case succeeded
    /// Stopped by an early-termination policy.
    case stoppedEarly = "stopped_early"
    /// Exit status other than 0, a signal, or a command that could not be started.
    case failed
    /// Ran longer than `trial_timeout`.
    case timedOut = "timed_out"
    /// Killed for want of memory.
    case outOfMemory = "out_of_memory"
    /// Exit 0 without a report of the objective.
    case noMetric = "no_metric"
    /// The objective was NaN or infinite.
    case notANumber = "not_a_number"
    /// Ended by the user or by the experiment's end.
    case cancelled
    /// The worker vanished: its lease ran out.
    case lost
    /// Given back by a worker that was told to leave; charged to nobody, so never the end of a trial.
    case drained
}

extension TrialCause {
    /// Numbers by cause for people: `2 failed, 1 lost`, the most frequent first; empty without any.
    public static func summary(of counts: [TrialCause: Int]) -> String {
        counts.filter { $0.value > 0 }
            .sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .map { "\($0.value) \($0.key.rawValue)" }
            .joined(separator: ", ")
    }
}
