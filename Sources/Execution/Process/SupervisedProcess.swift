import ExperimentModel
import MetricPatterns

/// A started process with the reading ends of its outputs, handed to ``AttemptReactor``, which closes them.
struct SupervisedProcess: Sendable {
    /// Leader of a session and a process group of its own, not reaped before the reactor lets go of it.
    var processID: Int32
    /// pidfd of the leader, owned by someone else; -1 on a kernel without (before 5.3).
    var processDescriptor: Int32
    /// Reading end of standard output, non-blocking.
    var standardOutput: Int32
    /// Reading end of standard error, non-blocking.
    var standardError: Int32
    /// When it was started.
    var startedAt: ContinuousClock.Instant
    /// How it is ended, where that takes more than signals to its group; `nil`: by those.
    var signals: (any AttemptSignals)?
}

/// What is read from a process and where it goes.
struct SupervisionSettings: Sendable {
    var trial: TrialID
    var attempt: Int
    var objective: Objective
    var metrics: Set<String>
    /// Patterns that find reports in output.
    var patterns: [MetricPattern] = []
    /// Whether policies look at the reports of the objective.
    var isJudged = false
    var directory: AttemptDirectory
    var timeout: Duration?
    var grace: Duration
    var outputCapBytes: Int
    var control: AttemptControl
    var sink: any AttemptSink
}

/// What is known of a process when its end has been seen and its output read.
struct SupervisionReport: Sendable {
    var intervention: AttemptLifecycle.Intervention?
    var verdict: ObservationCollector.Verdict
    var value: Double?
    /// What counts of an attempt that is stopped early: its value, or the last finite one if that is not.
    var lastFiniteValue: Double?
    var errorTail: String?
    /// Bytes of output that were not kept.
    var droppedBytes: Int
    /// Observations that were not delivered.
    var droppedObservations: Int
    /// A process outside the group still held an output open when reading was given up.
    var hasStraggler: Bool
}
