/// Where a trial stands; the numbers are hyperopt's `state`.
public enum TrialState: Int, Sendable, Hashable, CaseIterable {
    /// Waits to be claimed.
    case new = 0
    /// Held by a worker under a lease.
    case running = 1
    /// Ended with a finite objective.
    case done = 2
    /// Ended in any other way that is not a cancel; hyperopt's `ERROR`.
    case failed = 3
    /// Ended by the user or by the experiment's end.
    case cancelled = 4

    /// Whether the trial has its outcome.
    public var isTerminal: Bool { self == .done || self == .failed || self == .cancelled }

    /// The word that people and `--json` see.
    public var name: String {
        switch self {
        case .new: "new"
        case .running: "running"
        case .done: "done"
        case .failed: "error"
        case .cancelled: "cancelled"
        }
    }
}
