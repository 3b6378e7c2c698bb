import Synchronization

/// A value that many threads change and tasks wait on, without polling.
final class Watched<Value: Sendable>: Sendable {
    private struct Box {
        var value: Value
        var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWaiter = 0
    }

    private let box: Mutex<Box>

    init(_ value: Value) { box = Mutex(Box(value: value)) }

    /// The value as it is now.
    var current: Value { box.withLock { $0.value } }

    /// Changes the value and wakes everybody who waits.
    func update(_ change: (inout Value) -> Void) {
        let waiters = box.withLock { box in
            change(&box.value)
            return Array(box.waiters.values)
        }
        for waiter in waiters { waiter.yield() }
    }

    /// Waits until `take` finds something; it may take it out of the value.
    /// - Throws: ``IntegrationFailure`` with the text of `otherwise` when the time is over.
    func wait<R: Sendable>(
        timeout: Duration,
        otherwise: @escaping @Sendable (Value) -> String,
        _ take: @escaping @Sendable (inout Value) -> R?
    ) async throws -> R {
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = box.withLock { box in
            box.nextWaiter += 1
            box.waiters[box.nextWaiter] = continuation
            return box.nextWaiter
        }
        defer { box.withLock { _ = $0.waiters.removeValue(forKey: number) } }
        continuation.yield()
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask {
                for await _ in changes {
                    if let found = self.box.withLock({ take(&$0.value) }) { return found }
                }
                return nil
            }
            group.addTask {
                try await ContinuousClock().sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let found = first else {
                throw IntegrationFailure("not within \(timeout): \(otherwise(current))")
            }
            return found
        }
    }
}
