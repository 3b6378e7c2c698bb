/// The states of a trial's process, from its start to the moment when nothing of it is left.
///
/// ```
/// running ──stop, time-out──▶ terminating ──grace over, or at once──▶ killed
///    └──────────────┬───────────────┴──────────────────┬───────────────┘
///                   leader exits: SIGKILL to what is left of the group
///                                 ▼
///                             draining ──both outputs ended, or drain time over──▶ ended
/// ```
///
/// It holds no clock and no process: events come with their time, and each answers with what is to be done.
struct AttemptLifecycle: Sendable, Equatable {
    /// How long output is still read after the leader has exited and its group was killed.
    ///
    /// Only a process that left the group can keep the pipe open so long; it is not waited for.
    static let drainTimeout: Duration = .seconds(1)

    enum State: Sendable, Equatable { case running, terminating, killed, draining, ended }
    enum Action: Sendable, Equatable { case terminateGroup, killGroup, finish }
    /// Why the process was signalled, when it was.
    enum Intervention: Sendable, Equatable { case stop(StopReason), timeout }

    private(set) var state: State = .running
    private(set) var intervention: Intervention?
    private let startedAt: ContinuousClock.Instant
    private let grace: Duration
    /// When the current state ends by itself.
    private(set) var deadline: ContinuousClock.Instant?

    /// A process that has just started.
    init(startedAt now: ContinuousClock.Instant, timeout: Duration?, grace: Duration) {
        startedAt = now
        self.grace = grace
        deadline = timeout.map { now + $0 }
    }

    /// The attempt may run longer or shorter than it was to, from its start on; `nil` means without end.
    ///
    /// Who is being ended already, for whatever reason, is ended.
    mutating func timeoutChanged(_ timeout: Duration?, at now: ContinuousClock.Instant) -> [Action] {
        guard state == .running else { return [] }
        deadline = timeout.map { startedAt + $0 }
        return timeReached(now)
    }

    /// The owner wants it to end.
    mutating func stopRequested(_ request: StopRequest, at now: ContinuousClock.Instant) -> [Action] {
        switch state {
        case .running:
            intervention = .stop(request.reason)
            return terminate(immediately: request.isImmediate, at: now)
        case .terminating, .killed:
            // A stop on top of a time-out is a stop: whoever asked no longer wants the result.
            if case .stop(let earlier) = intervention {
                intervention = .stop(max(earlier, request.reason))
            } else {
                intervention = .stop(request.reason)
            }
            guard state == .terminating, request.isImmediate else { return [] }
            return terminate(immediately: true, at: now)
        case .draining, .ended: return []
        }
    }

    /// Time has passed; to be called when ``deadline`` is reached.
    mutating func timeReached(_ now: ContinuousClock.Instant) -> [Action] {
        guard let deadline, now >= deadline else { return [] }
        switch state {
        case .running:
            intervention = .timeout
            return terminate(immediately: false, at: now)
        case .terminating: return terminate(immediately: true, at: now)
        case .draining: return end()
        case .killed, .ended: return []
        }
    }

    /// The leader has exited and not yet been reaped.
    mutating func leaderExited(at now: ContinuousClock.Instant) -> [Action] {
        guard state != .draining, state != .ended else { return [] }
        state = .draining
        deadline = now + Self.drainTimeout
        return [.killGroup]
    }

    /// Both outputs have ended.
    mutating func outputEnded() -> [Action] { state == .draining ? end() : [] }

    private mutating func terminate(immediately: Bool, at now: ContinuousClock.Instant) -> [Action] {
        if immediately || grace <= .zero {
            state = .killed
            deadline = nil
            return [.killGroup]
        }
        state = .terminating
        deadline = now + grace
        return [.terminateGroup]
    }

    private mutating func end() -> [Action] {
        state = .ended
        deadline = nil
        return [.finish]
    }
}
