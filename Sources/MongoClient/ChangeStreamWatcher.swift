import BSON
import CMongoC

/// The work of one watching thread: open a client and a stream, pass events on until told to stop.
struct ChangeStreamWatcher: Sendable {
    let uri: String
    let connectionOptions: MongoConnection.Options
    let database: String
    let pipeline: BSONDocument
    let options: BSONDocument
    let pace: Duration
    let control: ChangeStreamControl

    typealias Output = AsyncThrowingStream<ChangeStream.Element, any Error>.Continuation

    /// Returns when stopped; throws when the stream cannot go on.
    ///
    /// libmongoc itself resumes once after a network error.
    func run(_ output: Output) throws(MongoError) {
        try Namespace.check(database)
        let client = try StandaloneClient(MongoURI(uri, options: connectionOptions))
        // Outlives the client, which calls it.
        let throttle = QuestionThrottle(pace)
        defer { withExtendedLifetime(throttle) {} }
        if pace > .zero { client.withHandle { throttle.watch($0) } }
        // Making the stream sends the first command, so it is established, or failed, when this returns.
        let stream = try client.withHandle { client throws(MongoError) in
            try OpenChangeStream(client: client, database: database, pipeline: pipeline, options: options)
        }
        try stream.checkFailure()
        try send(.opened, to: output)
        while !control.isStopped {
            guard let event = try stream.next() else { continue }
            try send(.event(event), to: output)
        }
        // The stream must be gone before its client is.
        _ = consume stream
        _ = consume client
    }

    private func send(_ element: ChangeStream.Element, to output: Output) throws(MongoError) {
        if case .dropped = output.yield(element) {
            throw MongoError(
                .changeStreamOverflow,
                message: "the buffer of events is full"
            )
        }
    }
}

/// A client outside any pool; owned by one thread.
private struct StandaloneClient: ~Copyable {
    private let raw: OpaquePointer

    init(_ uri: consuming MongoURI) throws(MongoError) {
        var error = bson_error_t()
        let raw = uri.withHandle { uri in
            // By default a client outside a pool gives up after one look; a failover takes longer.
            mongoc_uri_set_option_as_bool(uri, "serverselectiontryonce", false)
            return mongoc_client_new_from_uri_with_error(uri, &error)
        }
        guard let raw else { throw MongoError(error, reply: nil) }
        mongoc_client_set_error_api(raw, MONGOC_ERROR_API_VERSION_2)
        self.raw = raw
    }

    deinit {
        mongoc_client_destroy(raw)
    }

    borrowing func withHandle<Result: ~Copyable, Failure: Error>(
        _ body: (OpaquePointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(raw)
    }
}

/// One `mongoc_change_stream_t`.
private struct OpenChangeStream: ~Copyable {
    private let raw: OpaquePointer

    init(
        client: OpaquePointer,
        database: String,
        pipeline: BSONDocument,
        options: BSONDocument
    ) throws(MongoError) {
        let handle = mongoc_client_get_database(client, database)
        defer { mongoc_database_destroy(handle) }
        let raw: OpaquePointer?
        do throws(BSONError) {
            raw = try pipeline.withNative { pipeline throws(BSONError) in
                try options.withNative { mongoc_database_watch(handle, pipeline, $0) }
            }
        } catch {
            throw MongoError(error)
        }
        guard let raw else {
            throw MongoError(.invalidDocument, message: "the driver refused the pipeline of the change stream.")
        }
        self.raw = raw
    }

    deinit {
        mongoc_change_stream_destroy(raw)
    }

    /// The next event, nil when none came within the await time.
    borrowing func next() throws(MongoError) -> ChangeStream.Event? {
        var document: OpaquePointer?
        if mongoc_change_stream_next(raw, &document), let document {
            return ChangeStream.Event(
                document: BSONDocument(copying: document),
                resumeToken: mongoc_change_stream_get_resume_token(raw).map { BSONDocument(copying: $0) }
            )
        }
        try checkFailure()
        return nil
    }

    borrowing func checkFailure() throws(MongoError) {
        var error = bson_error_t()
        var reply: OpaquePointer?
        if mongoc_change_stream_error_document(raw, &error, &reply) {
            throw MongoError(error, reply: reply.map { BSONDocument(copying: $0) })
        }
    }
}
