import Synchronization

/// Store events on their way to one consumer: bounded, and never a reason for the sender to wait.
///
/// When more events wait than fit, they are dropped for one ``StoreEvent/resync``, which makes the consumer read everything.
/// Reports, of which thousands may come in a second, have a place of their own: those that do not fit are dropped, since the
/// ones that wait make the consumer read them all.
public final class EventMailbox: Sendable {
    /// Events that may wait.
    public static let capacity = 4096

    private struct Waiting {
        var events: [StoreEvent] = []
        var reports: [StoreEvent] = []
    }

    private let waiting = Mutex(Waiting())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// An empty mailbox.
    public init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Adds an event and wakes the consumer.
    public func send(_ event: StoreEvent) {
        waiting.withLock { waiting in
            if case .report = event {
                if waiting.reports.count < Self.capacity { waiting.reports.append(event) }
            } else if waiting.events.count >= Self.capacity {
                waiting.events = [.resync]
            } else {
                waiting.events.append(event)
            }
        }
        signal.yield()
    }

    /// Wakes the consumer without an event: time to look at the clock.
    public func wake() { signal.yield() }

    /// One element for every time that there may be something to take; one consumer only.
    public var wakeUps: AsyncStream<Void> { signals }

    /// Takes what waits, reports last.
    public func takeAll() -> [StoreEvent] {
        waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return waiting.events + waiting.reports
        }
    }
}
