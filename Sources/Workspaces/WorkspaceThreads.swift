import NIOPosix

/// Threads on which archives are read and written: work for a core and a disk, on none of the threads of Swift's tasks.
enum WorkspaceThreads {
    /// Archives at once; more would only wait for the disk.
    private static let count = 2

    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
        return pool
    }()

    /// Runs `body` on one of them.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await pool.runIfActive(body)
    }
}
