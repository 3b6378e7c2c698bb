import ExperimentModel
public import Logging
import Synchronization

/// Says that the store is away, and later that it is back: a line when it begins, one each minute, one at the end.
///
/// All parts of a program that call the store share one, since during an outage each of their calls fails, over and over.
public final class StoreOutageLog<C: Clock<Duration> & Sendable>: Sendable where C.Instant: Sendable {
    /// Least time between two lines that say that it is away.
    public static var interval: Duration { .seconds(60) }

    private struct State {
        /// The first failure since the last answer.
        var since: C.Instant?
        /// Whether a line told of this outage, so that its end is worth one.
        var isSaid = false
        var lastLine: C.Instant?
    }

    private let clock: C
    private let logger: Logger
    private let consequence: String
    private let state = Mutex(State())

    /// A log of a store that answers so far.
    /// - Parameter consequence: what it means for the program while the store is away, for people.
    public init(clock: C, logger: Logger, consequence: String) {
        self.clock = clock
        self.logger = logger
        self.consequence = consequence
    }

    /// Whether the last call was not answered.
    public var isAway: Bool { state.withLock { $0.since != nil } }

    /// A call was not answered.
    public func failed(_ error: any Error) {
        let now = clock.now
        let away = state.withLock { state -> Duration? in
            let since = state.since ?? now
            state.since = since
            // Also between outages: one that comes and goes all the time must not fill the log.
            if let last = state.lastLine, last.duration(to: now) < Self.interval { return nil }
            state.lastLine = now
            state.isSaid = true
            return since.duration(to: now)
        }
        guard let away else { return }
        if away < .seconds(1) {
            logger.warning("the store is away; \(consequence): \(error)")
        } else {
            logger.warning("the store has been away for \(Self.text(away)); \(consequence): \(error)")
        }
    }

    /// A call was answered. - Returns: whether that ends an outage.
    @discardableResult
    public func answered() -> Bool {
        let now = clock.now
        let (away, isSaid) = state.withLock { state -> (Duration?, Bool) in
            guard let since = state.since else { return (nil, false) }
            defer { (state.since, state.isSaid) = (nil, false) }
            return (since.duration(to: now), state.isSaid)
        }
        guard let away else { return false }
        if isSaid { logger.info("the store is back after \(Self.text(away))") }
        return true
    }

    /// `850 ms`, `12 s`, `3 min 12 s`, `2 h 5 min`
    static func text(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        if seconds < 1 { return "\(duration.wholeMilliseconds) ms" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }
}
