public import ExperimentModel
import Synchronization

/// Why a running attempt is to be stopped, the strongest last.
public enum StopReason: Int, Sendable, Hashable, Comparable, CaseIterable {
    /// The worker leaves and gives the trial back.
    case drained
    /// An early-termination policy has seen enough.
    case stoppedEarly
    /// The user, or the end of the experiment.
    case cancelled
    /// The trial belongs to another worker now; nothing may be reported.
    case leaseLost

    /// By strength.
    public static func < (left: StopReason, right: StopReason) -> Bool { left.rawValue < right.rawValue }

    /// The cause that stands in the outcome of an attempt stopped for this reason.
    public var cause: TrialCause {
        switch self {
        case .drained: .drained
        case .stoppedEarly: .stoppedEarly
        case .cancelled: .cancelled
        case .leaseLost: .lost
        }
    }
}

/// A wish to stop an attempt.
public struct StopRequest: Sendable, Hashable {
    /// Why; of several wishes the strongest.
    public var reason: StopReason
    /// SIGKILL at once instead of SIGTERM and a grace.
    public var isImmediate: Bool

    /// The request that both together make.
    func merged(with other: StopRequest) -> StopRequest {
        StopRequest(reason: max(reason, other.reason), isImmediate: isImmediate || other.isImmediate)
    }
}

/// Another time-out for an attempt that was given one before.
public struct TimeoutChange: Sendable, Hashable {
    /// How long the attempt may run, from its start; `nil` means without end.
    public var timeout: Duration?

    /// A change.
    public init(timeout: Duration?) { self.timeout = timeout }
}

/// The handle by which the owner of an attempt stops it or gives it more or less time, from any thread and at any time, also
/// before it has started.
public final class AttemptControl: Sendable {
    private struct State {
        var request: StopRequest?
        var handler: (@Sendable (StopRequest) -> Void)?
        var timeout: TimeoutChange?
        var timeoutHandler: (@Sendable (TimeoutChange) -> Void)?
    }

    private let state = Mutex(State())
    /// By when nothing of the attempt may run any more, if it is exclusive.
    public let leaseEnd = LeaseEnd()

    /// A control of one attempt; it cannot be used again for another.
    public init() {}

    /// Asks the attempt to end: SIGTERM and, after the grace, SIGKILL; with `immediately` SIGKILL now.
    ///
    /// A later call may only add to an earlier one: a stronger reason, or no more patience.
    public func stop(_ reason: StopReason, immediately: Bool = false) {
        let (request, handler) = state.withLock { state in
            let new = StopRequest(reason: reason, isImmediate: immediately)
            let merged = state.request.map { $0.merged(with: new) } ?? new
            state.request = merged
            return (merged, state.handler)
        }
        handler?(request)
    }

    /// What has been asked so far.
    public var stopRequest: StopRequest? { state.withLock { $0.request } }

    /// Sets who is told of requests, and tells of one that is there already; for executors.
    ///
    /// The handler must not block, and is called again for every later request; `nil` ends that.
    public func onStop(_ handler: (@Sendable (StopRequest) -> Void)?) {
        let request = state.withLock { state in
            state.handler = handler
            return state.request
        }
        if let request { handler?(request) }
    }

    /// Gives the attempt another time-out, measured from its start; `nil` means without end. The last one counts.
    ///
    /// One that is over already ends the attempt as timed out; one that comes when the attempt is being ended changes nothing.
    public func setTimeout(_ timeout: Duration?) {
        let change = TimeoutChange(timeout: timeout)
        let handler = state.withLock { state in
            state.timeout = change
            return state.timeoutHandler
        }
        handler?(change)
    }

    /// The time-out that was set in place of the first one, when one was.
    public var timeoutChange: TimeoutChange? { state.withLock { $0.timeout } }

    /// Sets who is told of other time-outs, and tells of one that is there already; for executors, as ``onStop(_:)``.
    public func onTimeoutChange(_ handler: (@Sendable (TimeoutChange) -> Void)?) {
        let change = state.withLock { state in
            state.timeoutHandler = handler
            return state.timeout
        }
        if let change { handler?(change) }
    }
}
