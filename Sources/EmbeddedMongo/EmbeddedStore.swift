public import Logging
import Synchronization

/// A use of the embedded MongoDB: as long as any program holds one, `mongod` is kept running.
///
/// Servers and commands `open` it, which starts `mongod` when needed; workers wait for one (`waitForEndpoint`). Every
/// use ends with `close`; the last one stops `mongod`. A program that is killed leaves without a trace, and the next one
/// to open the directory adopts the `mongod` that stayed.
public final class EmbeddedStore: Sendable {
    /// What leaving did.
    public enum CloseOutcome: Sendable, Equatable {
        /// Other programs go on using the store.
        case stillInUse
        /// We were the last: `mongod` has ended.
        case stopped
        /// We were the last or could not find out, and `mongod` may still run.
        case failed(EmbeddedMongoError)
    }

    struct State {
        var endpoint: Endpoint
        var closing: Task<CloseOutcome, Never>?
    }

    /// The directory, without symbolic links.
    public let dataDirectory: DataDirectory
    let timeouts: EmbeddedStoreTimeouts
    let logger: Logger
    /// Nil for workers, which never start `mongod`.
    let lookup: MongodLookup?
    /// Held shared until the end.
    let users: FileLock
    let state: Mutex<State>

    init(
        dataDirectory: DataDirectory,
        endpoint: Endpoint,
        users: FileLock,
        lookup: MongodLookup?,
        timeouts: EmbeddedStoreTimeouts,
        logger: Logger
    ) {
        self.dataDirectory = dataDirectory
        self.users = users
        self.lookup = lookup
        self.timeouts = timeouts
        self.logger = logger
        state = Mutex(State(endpoint: endpoint, closing: nil))
    }

    /// Address and credentials.
    public var endpoint: Endpoint { state.withLock { $0.endpoint } }
    /// The connection string with the password; never to be logged.
    public var uri: String { endpoint.uri }
    /// The connection string for people and logs.
    public var redactedURI: String { endpoint.redactedURI }
    /// The connection string for other nodes, with the password; nil while the store is on loopback only.
    public var advertisedURI: String? { endpoint.advertisedURI }

    /// Uses the store of a data directory: adopts its `mongod`, or starts one.
    ///
    /// When it returns, `mongod` is a writable primary that takes the credentials of the endpoint.
    /// - Parameters:
    ///   - listening: opens the store to other nodes; a `mongod` that is on loopback only is restarted for that when
    ///     nobody else uses it. Nil keeps a running one as it is and starts a new one on loopback only.
    /// - Throws: `EmbeddedMongoError`; `CancellationError`.
    public static func open(
        _ dataDirectory: DataDirectory,
        mongod lookup: MongodLookup,
        listening: StoreListening? = nil,
        timeouts: EmbeddedStoreTimeouts = EmbeddedStoreTimeouts(),
        logger: Logger
    ) async throws -> EmbeddedStore {
        let directory = try dataDirectory.create()
        let start = try FileLock(path: directory.startLock)
        let users = try FileLock(path: directory.usersLock)
        defer { start.release() }
        let deadline = Deadline(after: timeouts.startLock)
        guard try await start.lock(.exclusive, until: deadline) else {
            throw EmbeddedMongoError.startLockTimedOut(path: start.path, after: timeouts.startLock)
        }
        guard try await users.lock(.shared, until: deadline) else {
            throw EmbeddedMongoError.startLockTimedOut(path: users.path, after: timeouts.startLock)
        }
        let starter = StoreStarter(
            directory: directory,
            lookup: lookup,
            listening: listening,
            mustKeepPort: false,
            timeouts: timeouts,
            logger: logger
        )
        let endpoint = try await starter.run(users: users)
        return EmbeddedStore(
            dataDirectory: directory,
            endpoint: endpoint,
            users: users,
            lookup: lookup,
            timeouts: timeouts,
            logger: logger
        )
    }

    /// Ends this use; the last one to leave stops `mongod` and waits for its end.
    ///
    /// Not cut short by cancellation, bounded by the time-outs `startLock` and `stop`. Repeated calls wait for the same
    /// end.
    /// - Returns: what it did; a failure has been logged.
    @discardableResult
    public func close() async -> CloseOutcome {
        let closing = state.withLock { state in
            if let closing = state.closing { return closing }
            // Nobody cancels this task: it is bounded, and must finish even when the caller is cancelled.
            let task = Task { await self.leave() }
            state.closing = task
            return task
        }
        return await closing.value
    }

    private func leave() async -> CloseOutcome {
        defer { users.release() }
        do {
            let start = try FileLock(path: dataDirectory.startLock)
            defer { start.release() }
            guard try await start.lock(.exclusive, until: Deadline(after: timeouts.startLock)) else {
                // Whoever starts the store now uses it too and will be the last.
                return .stillInUse
            }
            // A failed upgrade loses the shared lock, which is what leaving means.
            guard try users.tryLock(.exclusive) else { return .stillInUse }
            guard case .ours(let process) = MongodProcess.holder(of: dataDirectory, hint: endpoint.pid) else {
                return .stopped
            }
            try await process.stop(timeout: timeouts.stop)
            logger.info("stopped mongod", metadata: ["pid": "\(process.pid)"])
            if var stored = try EndpointFile.read(dataDirectory) {
                stored.isReady = false
                stored.pid = 0
                try EndpointFile.write(stored, to: dataDirectory)
            }
            return .stopped
        } catch {
            let failure = error as? EmbeddedMongoError ?? .setupFailed(step: "closing", reason: "\(error)")
            logger.error("the store was not stopped: \(failure)")
            return .failed(failure)
        }
    }

    /// Leaves as `kill -9` would, for tests: the lock is gone, `mongod` stays.
    func abandon() {
        users.release()
    }
}
