import Logging
import Synchronization

extension EmbeddedStore {
    private static let longestBackOff = Duration.seconds(30)

    /// Starts `mongod` again whenever it ends, until the task is cancelled or the store closed.
    ///
    /// Connections find it again by themselves: it keeps its port. For servers; a worker's use returns at once.
    public func keepRunning() async {
        guard lookup != nil else { return }
        var pause = timeouts.supervision
        while !Task.isCancelled, !isClosing {
            do {
                try await Task.sleep(for: pause)
                guard !isClosing else { return }
                try await ensureRunning()
                pause = timeouts.supervision
            } catch is CancellationError {
                return
            } catch {
                pause = min(pause * 2, Self.longestBackOff)
                logger.error("the store is down, next try in \(pause): \(error)")
            }
        }
    }

    /// Starts `mongod` again, on its port, if it has ended.
    ///
    /// - Returns: whether it had ended.
    /// - Throws: `EmbeddedMongoError`, also when the port is taken meanwhile; `CancellationError`.
    @discardableResult
    public func ensureRunning() async throws -> Bool {
        guard let lookup, !isClosing else { throw EmbeddedMongoError.closed }
        let current = endpoint
        if let process = MongodProcess(pid: current.pid, directory: dataDirectory), process.isAlive {
            return false
        }
        MongodProcess.collect(pid: current.pid)
        let start = try FileLock(path: dataDirectory.startLock)
        defer { start.release() }
        guard try await start.lock(.exclusive, until: Deadline(after: timeouts.startLock)) else {
            throw EmbeddedMongoError.startLockTimedOut(path: start.path, after: timeouts.startLock)
        }
        guard !isClosing else { throw EmbeddedMongoError.closed }
        logger.warning("mongod has ended, starting it again", metadata: ["pid": "\(current.pid)"])
        let starter = StoreStarter(
            directory: dataDirectory,
            lookup: lookup,
            listening: nil,
            mustKeepPort: true,
            timeouts: timeouts,
            logger: logger
        )
        let restarted = try await starter.run(users: users)
        state.withLock { $0.endpoint = restarted }
        return true
    }

    private var isClosing: Bool { state.withLock { $0.closing != nil } }
}
