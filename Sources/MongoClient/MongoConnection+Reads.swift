public import BSON
import CMongoC

extension MongoConnection {
    /// What `find` and `aggregate` keep in memory at most; a larger result is an error, never cut.
    public static let maximumResultBytes = 512 << 20
    /// Documents per call of the closure of `findEach` when the options do not say.
    public static let defaultBatchSize = 1000

    /// All documents that match, in memory.
    ///
    /// - Throws: `resultTooLarge` beyond `maximumResultBytes`; use `findEach` then.
    public func find(
        _ filter: BSONDocument,
        options: FindOptions = FindOptions(),
        in namespace: Namespace
    ) async throws(MongoError) -> [BSONDocument] {
        let native = try nativeOptions(options, in: namespace)
        return try await run { client throws(MongoError) in
            var cursor = try Cursor.find(filter, options: native, in: namespace, client: client)
            return try Self.drain(&cursor)
        }
    }

    /// The first document that matches, nil when none does.
    public func findOne(
        _ filter: BSONDocument,
        options: FindOptions = FindOptions(),
        in namespace: Namespace
    ) async throws(MongoError) -> BSONDocument? {
        var options = options
        options.limit = 1
        return try await find(filter, options: options, in: namespace).first
    }

    /// Hands all documents that match to `body`, a batch at a time, so that they need not be in memory at once.
    ///
    /// `body` runs on a thread of the pool, which it keeps until the end of the query; it must not wait for another call.
    /// - Throws: `MongoError`, or what `body` throws, which ends the query.
    public func findEach(
        _ filter: BSONDocument,
        options: FindOptions = FindOptions(),
        in namespace: Namespace,
        _ body: @escaping @Sendable ([BSONDocument]) throws -> Void
    ) async throws {
        let native = try nativeOptions(options, in: namespace)
        let batchSize = max(1, options.batchSize ?? Self.defaultBatchSize)
        let failure: (any Error)? = try await run { client throws(MongoError) in
            var cursor = try Cursor.find(filter, options: native, in: namespace, client: client)
            var batch: [BSONDocument] = []
            while true {
                let document = try cursor.next()
                if let document { batch.append(document) }
                if batch.count == batchSize || document == nil && !batch.isEmpty {
                    do { try body(batch) } catch { return error }
                    batch.removeAll(keepingCapacity: true)
                }
                if document == nil { return nil }
            }
        }
        if let failure { throw failure }
    }

    /// All documents that a pipeline yields, in memory.
    ///
    /// - Throws: `resultTooLarge` beyond `maximumResultBytes`.
    public func aggregate(
        _ pipeline: [BSONDocument],
        in namespace: Namespace,
        readConcern: ReadConcern = .local
    ) async throws(MongoError) -> [BSONDocument] {
        try namespace.check()
        let native: BSONDocument = [
            "maxTimeMS": .int64(options.maxTime.wholeMilliseconds),
            "readConcern": ["level": .string(readConcern.rawValue)],
        ]
        return try await run { client throws(MongoError) in
            var cursor = try Cursor.aggregate(pipeline, options: native, in: namespace, client: client)
            return try Self.drain(&cursor)
        }
    }

    /// How many documents match, counted by the server.
    public func countDocuments(_ filter: BSONDocument, in namespace: Namespace) async throws(MongoError) -> Int {
        let counted = try await aggregate(
            [["$match": .document(filter)], ["$count": "n"]],
            in: namespace
        )
        guard let first = counted.first else { return 0 }
        return try Self.count("n", in: first)
    }

    /// How the server would answer a query (`executionStats`).
    public func explainFind(
        _ filter: BSONDocument,
        options: FindOptions = FindOptions(),
        in namespace: Namespace
    ) async throws(MongoError) -> BSONDocument {
        let find = BSONDocument(
            recordingFailureOf: [("find", .string(namespace.collection)), ("filter", .document(filter))]
                + options.pairs(defaultMaxTime: self.options.maxTime)
        )
        return try await readCommand(
            ["explain": .document(find), "verbosity": "executionStats"],
            on: namespace.database
        )
    }

    private func nativeOptions(
        _ options: FindOptions,
        in namespace: Namespace
    ) throws(MongoError) -> BSONDocument {
        try namespace.check()
        do throws(BSONError) {
            return try BSONDocument(
                options.pairs(defaultMaxTime: self.options.maxTime)
                    + [("readConcern", ["level": .string(options.readConcern.rawValue)])]
            )
        } catch {
            throw MongoError(error)
        }
    }

    private static func drain(_ cursor: inout Cursor) throws(MongoError) -> [BSONDocument] {
        var documents: [BSONDocument] = []
        var byteCount = 0
        while let document = try cursor.next() {
            byteCount += document.bytes.count
            guard byteCount <= maximumResultBytes else {
                throw MongoError(.resultTooLarge, message: "more than \(maximumResultBytes >> 20) MiB")
            }
            documents.append(document)
        }
        return documents
    }
}
