import Synchronization

/// A moment at which a worker has to do something that no event will remind it of.
struct Alarm<Instant: Sendable>: Sendable {
    /// What is due then.
    enum Purpose: Sendable, Hashable {
        /// A trial that went back to the queue can be claimed.
        case work
        /// A slot has rested.
        case slot(Int)
    }

    var at: Instant
    var purpose: Purpose
}

/// Alarms on their way to whoever keeps the time; bounded.
struct AlarmQueue<Instant: Sendable>: Sendable {
    /// Trials whose time a worker remembers; it finds further ones when it looks by itself.
    static var largestWorkCount: Int { 256 }

    let stream: AsyncStream<Alarm<Instant>>
    private let continuation: AsyncStream<Alarm<Instant>>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func send(_ alarm: Alarm<Instant>) { continuation.yield(alarm) }
}
