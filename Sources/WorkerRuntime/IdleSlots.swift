import Synchronization

/// Slots that wait for a sign of work, by number.
final class IdleSlots: Sendable {
    private let waiting = Mutex<[Int: CheckedContinuation<Void, Never>]>([:])

    /// Returns when the slot is woken, or when the task is cancelled.
    func wait(_ slot: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Cancellation may have come before the continuation: then nobody else would resume it.
                let isCancelled = waiting.withLock { waiting in
                    if Task.isCancelled { return true }
                    waiting[slot] = continuation
                    return false
                }
                if isCancelled { continuation.resume() }
            }
        } onCancel: {
            wake(slot)
        }
    }

    /// How many wait.
    var count: Int { waiting.withLock { $0.count } }

    /// Wakes a slot, if it waits.
    func wake(_ slot: Int) {
        waiting.withLock { $0.removeValue(forKey: slot) }?.resume()
    }

    /// Wakes the first of those that wait.
    func wakeOne() {
        waiting.withLock { waiting in waiting.keys.min().flatMap { waiting.removeValue(forKey: $0) } }?.resume()
    }

    /// Wakes all, in order.
    func wakeAll() {
        let all = waiting.withLock { waiting in
            defer { waiting = [:] }
            return waiting.sorted { $0.key < $1.key }
        }
        for (_, continuation) in all { continuation.resume() }
    }
}
