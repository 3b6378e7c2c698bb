import Foundation

/// A thread of its own for one piece of blocking work.
enum BlockingThread {
    /// Starts a thread and returns at once.
    static func start(named name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.start()
    }

    /// Runs the work on a new thread and waits for its end; the work itself must be bounded.
    static func run(named name: String, _ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            start(named: name) {
                body()
                continuation.resume()
            }
        }
    }
}
