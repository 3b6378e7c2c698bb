import Foundation
import Synchronization

/// Waiting for something that may never answer.
enum TimeLimit {
    /// What the body returns, or `nil` when it takes longer.
    ///
    /// A body that is late is cancelled and left behind: it may hang in the kernel (a dead network file system) or in a
    /// name look-up, where nothing can end it but the end of the program.
    static func value<Value: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable () async -> Value
    ) async -> Value? {
        await withCheckedContinuation { continuation in
            let answer = FirstAnswer(continuation)
            // Ends by itself or is cancelled by the other task.
            let work = Task { answer.give(await body()) }
            // Ends at the limit.
            Task {
                // Nobody cancels this sleep.
                try? await Task.sleep(for: limit)
                answer.give(nil)
                work.cancel()
            }
        }
    }

    /// Runs calls that block on a thread of their own, so that they keep none of Swift's few threads.
    static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}

/// A continuation that is resumed by whoever comes first.
private final class FirstAnswer<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Value?, Never>?>

    init(_ continuation: CheckedContinuation<Value?, Never>) { self.continuation = Mutex(continuation) }

    func give(_ value: Value?) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: value)
    }
}
