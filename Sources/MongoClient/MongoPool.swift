import CMongoC
import Synchronization

/// A pool of libmongoc clients and its monitoring threads.
///
/// `@unchecked Sendable`: libmongoc documents `mongoc_client_pool_t` as thread-safe except for its destructor, which runs in
/// `deinit`, when nobody else holds the pool.
final class MongoPool: @unchecked Sendable {
    private let raw: OpaquePointer
    let size: Int

    /// Looks up DNS for `mongodb+srv` URIs, otherwise does not touch the network.
    init(_ uri: borrowing MongoURI) throws(MongoError) {
        var error = bson_error_t()
        guard let raw = uri.withHandle({ mongoc_client_pool_new_with_error($0, &error) }) else {
            throw MongoError(error, reply: nil)
        }
        mongoc_client_pool_set_error_api(raw, MONGOC_ERROR_API_VERSION_2)
        self.raw = raw
        size = uri.maxPoolSize
    }

    deinit {
        mongoc_client_pool_destroy(raw)
    }

    /// Lends a client; blocks up to `waitQueueTimeoutMS`.
    ///
    /// MUST run on the blocking thread pool.
    func withClient<Result>(
        _ body: (OpaquePointer) throws(MongoError) -> Result
    ) throws(MongoError) -> Result {
        let client = try BorrowedClient(poppedFrom: raw)
        return try client.withHandle(body)
    }
}

/// One client of a pool, given back at the end of its scope.
struct BorrowedClient: ~Copyable {
    private let raw: OpaquePointer
    private let pool: OpaquePointer

    init(poppedFrom pool: OpaquePointer) throws(MongoError) {
        guard let raw = mongoc_client_pool_pop(pool) else {
            throw MongoError(.poolExhausted, message: "every client is in use")
        }
        self.pool = pool
        self.raw = raw
    }

    deinit {
        mongoc_client_pool_push(pool, raw)
    }

    /// The only way to the pointer: it cannot outlive the closure.
    borrowing func withHandle<Result, Failure: Error>(
        _ body: (OpaquePointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(raw)
    }
}

/// Lets go of a pool at a chosen moment: its destructor joins threads, so it must not run where tasks run.
final class LastReference: Sendable {
    private let pool: Mutex<MongoPool?>

    init(_ pool: MongoPool) {
        self.pool = Mutex(pool)
    }

    func drop() {
        let last = pool.withLock { pool in
            let last = pool
            pool = nil
            return last
        }
        withExtendedLifetime(last) {}
    }
}
