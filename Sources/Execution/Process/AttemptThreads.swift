import NIOPosix

/// Threads on which attempts touch the disk and start programs.
///
/// All of that may wait for a slow disk, and must do so on none of the threads on which Swift's tasks run: whoever awaits an
/// attempt may be an actor that serves all of them.
final class AttemptThreads: Sendable {
    /// Attempts that begin or end at once; more would only wait for each other in the kernel.
    static let count = 4

    private let pool = NIOThreadPool(numberOfThreads: AttemptThreads.count)

    init() { pool.start() }

    deinit { pool.shutdownGracefully { _ in } }

    /// Runs `body` on one of the threads.
    /// - Throws: what `body` throws; `CancellationError` when the task was cancelled before it began.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await pool.runIfActive(body)
    }

    /// Runs `body` on one of the threads; nobody waits for it.
    /// - Parameter isRefused: these threads have been shut down, so that nothing must be begun.
    func submit(_ body: @escaping @Sendable (_ isRefused: Bool) -> Void) {
        pool.submit { body($0 != .active) }
    }
}
