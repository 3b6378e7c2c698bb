/// The moment at which a wait ends.
///
/// It uses the real clock, since what is waited for (processes, locks of the kernel) lives by it too.
struct Deadline: Sendable {
    let limit: Duration
    private let end: ContinuousClock.Instant

    init(after limit: Duration) {
        self.limit = limit
        end = ContinuousClock.now.advanced(by: limit)
    }

    var hasPassed: Bool { ContinuousClock.now >= end }

    var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: end)) }

    /// Waits for this long, or until the deadline when that is sooner.
    ///
    /// - Throws: `CancellationError`.
    func pause(_ duration: Duration) async throws {
        try await Task.sleep(for: min(duration, remaining))
    }
}
