/// Waits that double from a first to a longest.
struct Backoff: Sendable {
    /// First and longest wait of calls to the store.
    static let store: ClosedRange<Duration> = .milliseconds(100) ... .seconds(5)

    private let range: ClosedRange<Duration>
    private var current: Duration

    init(_ range: ClosedRange<Duration> = Backoff.store) {
        self.range = range
        current = range.lowerBound
    }

    /// The next wait.
    mutating func next() -> Duration {
        defer { current = min(current * 2, range.upperBound) }
        return current
    }

    /// Begins anew after a success.
    mutating func reset() { current = range.lowerBound }
}
