public import Logging
import NIOPosix
import Synchronization

/// A connection to one MongoDB deployment: a pool of clients and the threads that use them.
///
/// Make one per process and URI. Every call hops once to a dedicated thread and blocks it until the server answers or a
/// time-out ends it. Cancelling a task drops a call that is still queued; a running one ends by itself.
public final class MongoConnection: Sendable {
    /// Sizes and time-outs; a time-out that the URI names wins.
    public struct Options: Sendable {
        /// Clients, and threads, at most.
        public var maxPoolSize = 8
        /// How long a call looks for a usable server.
        public var serverSelectionTimeout: Duration = .seconds(8)
        /// How long a call waits for bytes on its socket; must be longer than `maxTime`.
        public var socketTimeout: Duration = .seconds(30)
        /// How long opening a socket may take.
        public var connectTimeout: Duration = .seconds(5)
        /// How long a call waits for a free client.
        public var waitQueueTimeout: Duration = .seconds(10)
        /// How often servers are checked; 500 ms is the least that MongoDB drivers allow.
        public var heartbeatFrequency: Duration = .milliseconds(500)
        /// How long the server may work on one operation.
        public var maxTime: Duration = .seconds(20)
        /// The name that server logs show for this process.
        public var appName = "hyper"

        /// The defaults.
        public init() {}
    }

    private enum Phase {
        case open(MongoPool)
        case closing(Task<Void, Never>)
    }

    let options: Options
    let logger: Logger
    let uri: String
    private let threads: NIOThreadPool
    private let phase: Mutex<Phase>
    let changeStreams = ChangeStreamRegistry()

    /// Parses the URI and starts the threads; does not wait for a server.
    ///
    /// - Throws: `malformedURI`, or `unavailable` when the DNS records of a `mongodb+srv` URI cannot be read.
    public init(uri: String, options: Options = Options(), logger: Logger) throws(MongoError) {
        MongoRuntime.shared.use(logger)
        let pool = try MongoPool(try MongoURI(uri, options: options))
        self.options = options
        self.logger = logger
        self.uri = uri
        phase = Mutex(.open(pool))
        // No more threads than clients: a thread that runs always finds a client.
        threads = NIOThreadPool(numberOfThreads: pool.size)
        threads.start()
    }

    deinit {
        if case .open = phase.withLock({ $0 }) {
            changeStreams.stopAll()
            threads.shutdownGracefully { _ in }
        }
    }

    /// Ends change streams, drops queued calls, waits for running ones (their time-outs bound that) and frees the pool.
    ///
    /// Repeated calls wait for the same end.
    public func close() async {
        let closing = phase.withLock { phase -> Task<Void, Never> in
            switch phase {
            case .closing(let task): return task
            case .open(let pool):
                // Nobody cancels this task: it must finish even when the caller is cancelled, and it is bounded.
                let last = LastReference(pool)
                let task = Task { [threads, changeStreams] in
                    await changeStreams.close()
                    await BlockingThread.run(named: "mongo-close") {
                        try? threads.syncShutdownGracefully()  // fails only when shut down already
                        last.drop()
                    }
                }
                phase = .closing(task)
                return task
            }
        }
        await closing.value
    }

    /// Whether `close` was called.
    var isClosed: Bool {
        if case .closing = phase.withLock({ $0 }) { true } else { false }
    }

    /// Runs `body` with a client on a thread of the pool; the only way calls reach libmongoc.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (_ client: OpaquePointer) throws(MongoError) -> Value
    ) async throws(MongoError) -> Value {
        guard case .open(let pool) = phase.withLock({ $0 }) else { throw MongoError(.closed, message: "closed") }
        let result: Result<Value, MongoError>
        do {
            result = try await threads.runIfActive {
                do throws(MongoError) {
                    return .success(try pool.withClient(body))
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            // The thread pool itself refuses: it is shut down, or the task was cancelled while queued.
            throw isClosed ? MongoError(.closed, message: "closed") : MongoError(.cancelled, message: "cancelled")
        }
        return try result.get()
    }
}
