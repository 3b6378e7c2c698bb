import Coordination

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

    /// Waits of a worker whose leases last so long: after an outage it must be there before they are judged.
    init(lease: Duration) {
        let longest = min(Self.store.upperBound, lease / Self.triesPerLease)
        self.init(Self.store.lowerBound...max(Self.store.lowerBound, longest))
    }

    /// The longest wait is such a part of a lease.
    private static let triesPerLease = 6

    /// The next wait.
    mutating func next() -> Duration {
        defer { current = min(current * 2, range.upperBound) }
        return current
    }
}

extension Backoff {
    /// Makes a call again and again while the store does not answer.
    /// - Throws: what repeating does not mend; `CancellationError`.
    static func untilAnswered<R>(
        _ clock: some Clock<Duration>,
        _ backoff: Backoff = Backoff(),
        onRetry: (TrialStoreError) -> Void = { _ in },
        _ call: () async throws -> R
    ) async throws -> R {
        var backoff = backoff
        while true {
            try Task.checkCancellation()
            do {
                return try await call()
            } catch let error as TrialStoreError where error.isRetryable {
                // A call that was dropped because its caller leaves is no complaint about the store.
                try Task.checkCancellation()
                onRetry(error)
                try await clock.sleep(for: backoff.next())
            }
        }
    }
}
