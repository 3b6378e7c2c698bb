public import ExperimentModel

/// Runs attempts of trials: as plain processes here, in containers or in a test elsewhere.
public protocol TrialExecutor: Sendable {
    /// Runs one attempt to its end, whatever that is.
    ///
    /// It obeys the control: requests to stop, and time-outs that replace that of the request while the attempt runs.
    /// When it returns, nothing of the attempt is running any more, apart from a process that made a session of its own,
    /// and the sink is not called again. Cancelling the calling task is the same as `control.stop(.cancelled,
    /// immediately: true)`.
    func run(_ request: AttemptRequest, control: AttemptControl, sink: any AttemptSink) async -> AttemptResult

    /// Whether an attempt is over by ``AttemptControl/leaseEnd`` also when this process is stopped or killed: where not,
    /// exclusive trials are left to other workers.
    var enforcesLeaseEnds: Bool { get }

    /// What it runs trials in that name a container, looked for if that has not been done; asked before the first such trial.
    func findRuntime() async -> RuntimeAnswer
}

/// What an executor runs trials in that name a container.
public enum RuntimeAnswer: Sendable, Hashable {
    /// This.
    case runs(TrialRuntime)
    /// Nothing, and why.
    case none(reason: String)
}

extension TrialExecutor {
    /// Unless an executor knows better.
    public var enforcesLeaseEnds: Bool { true }

    /// Unless an executor has one.
    public func findRuntime() async -> RuntimeAnswer { .none(reason: "it runs plain processes only") }
}

/// Takes what an attempt produces while it runs.
///
/// Both methods are called from a thread that serves all attempts of the executor: they must return at once, and must
/// not wait for a store. ``LogSpool`` takes chunks at any speed.
public protocol AttemptSink: Sendable {
    /// Reports of the objective and of other metrics that count, in order.
    func observations(_ observations: [Observation])
    /// A piece of output; sequence numbers count from 0 in each stream.
    func log(_ chunk: LogChunk)
}

/// How an attempt came to its end.
public enum AttemptResult: Sendable, Hashable {
    /// By itself, by its time-out, or because it could not be started.
    case finished(AttemptOutcome)
    /// It was not even started, for want of something on this machine; not the trial's fault, so its cause is `drained`.
    case refused(AttemptOutcome)
    /// By ``AttemptControl/stop(_:immediately:)``; the outcome tells what was known by then.
    case stopped(StopReason, AttemptOutcome)

    /// The outcome in each case.
    public var outcome: AttemptOutcome {
        switch self {
        case .finished(let outcome), .refused(let outcome), .stopped(_, let outcome): outcome
        }
    }
}
