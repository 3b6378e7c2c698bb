import Coordination
import Logging

/// Repeats a call while the store does not answer, with growing waits and one log line a minute.
struct Patience {
    /// First and longest wait between two tries.
    static let waits: ClosedRange<Duration> = .milliseconds(500) ... .seconds(10)
    /// Time between two log lines.
    static let reportInterval: Duration = .seconds(60)

    let timeout: Duration?
    let logger: Logger

    /// The first result.
    /// - Throws: what the call throws, once it is not worth repeating or the time is over; `CancellationError`.
    func wait<R: Sendable>(for body: () async throws -> R) async throws -> R {
        let clock = ContinuousClock()
        let start = clock.now
        var nextReport = start
        var pause = Self.waits.lowerBound
        while true {
            do {
                return try await body()
            } catch let error as TrialStoreError where error.isRetryable {
                // A call that was given up says that it was cancelled, which is no news of the store.
                try Task.checkCancellation()
                if let timeout, start.duration(to: clock.now) >= timeout { throw error }
                if clock.now >= nextReport {
                    logger.notice("waiting for the store: \(error)")
                    nextReport = clock.now.advanced(by: Self.reportInterval)
                }
                try await clock.sleep(for: pause)
                pause = min(pause * 2, Self.waits.upperBound)
            }
        }
    }
}
