public import Coordination
import Synchronization

/// Looks at a store whenever it tells of something, and from time to time, until there is nothing more to see.
public enum Following {
    /// Time between two looks without news.
    public static let tick: Duration = .milliseconds(500)
    /// Ticks after which everything is looked at, whatever the store told: events are hints.
    static let ticksPerResync = 20
    /// How long the store may be away before following it ends.
    public static let patience: Duration = .seconds(60)

    /// Calls `look` with what came, again and again.
    ///
    /// - Parameter look: gets the events since the last call and whether a tick is over; it says whether to go on. An error that
    ///   may pass is passed over, for ``patience``: the next call gets a `resync`.
    /// - Throws: what `look` throws; `CancellationError` when cancelled.
    public static func run(
        _ store: any TrialStore,
        clock: ContinuousClock,
        _ look: (_ events: [StoreEvent], _ isTick: Bool) async throws -> Bool
    ) async throws {
        let mailbox = EventMailbox()
        let ticker = Ticker()
        // Bare tasks, since `look` may belong to the caller alone; both end with this call.
        let listening = Task {
            for await event in store.watch(.everything) { mailbox.send(event) }
        }
        let ticking = Task {
            while !Task.isCancelled {
                // Cancelling ends the sleep, and the condition ends the loop.
                try? await clock.sleep(for: tick)
                ticker.strike()
                mailbox.wake()
            }
        }
        defer {
            listening.cancel()
            ticking.cancel()
        }
        var tickCount = 0
        var failingSince: ContinuousClock.Instant?
        for await _ in mailbox.wakeUps {
            let isTick = ticker.take()
            if isTick { tickCount += 1 }
            var events = mailbox.takeAll()
            if failingSince != nil || (isTick && tickCount.isMultiple(of: ticksPerResync)) { events.append(.resync) }
            do {
                guard try await look(events, isTick) else { return }
                failingSince = nil
            } catch let error as TrialStoreError where error.isRetryable {
                let since = failingSince ?? clock.now
                failingSince = since
                if since.duration(to: clock.now) > patience { throw error }
            }
        }
        try Task.checkCancellation()
    }

    /// Whether a tick is over that nobody has looked at.
    private final class Ticker: Sendable {
        private let isOver = Mutex(false)

        func strike() { isOver.withLock { $0 = true } }

        func take() -> Bool {
            isOver.withLock { flag in
                defer { flag = false }
                return flag
            }
        }
    }
}
