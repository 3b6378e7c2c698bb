import Synchronization

/// Store events on their way to one consumer: bounded, and never a reason for the sender to wait.
///
/// When more events wait than fit, they are dropped for one ``StoreEvent/resync``, which makes the consumer read everything.
public final class EventMailbox: Sendable {
    /// Events that may wait.
    public static let capacity = 4096

    private let waiting = Mutex<[StoreEvent]>([])
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// An empty mailbox.
    public init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Adds an event and wakes the consumer.
    public func send(_ event: StoreEvent) {
        waiting.withLock { waiting in
            if waiting.count >= Self.capacity { waiting = [.resync] } else { waiting.append(event) }
        }
        signal.yield()
    }

    /// Wakes the consumer without an event: time to look at the clock.
    public func wake() { signal.yield() }

    /// One element for every time that there may be something to take; one consumer only.
    public var wakeUps: AsyncStream<Void> { signals }

    /// Takes what waits.
    public func takeAll() -> [StoreEvent] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
