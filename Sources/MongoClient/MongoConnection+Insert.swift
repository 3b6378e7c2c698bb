public import BSON
import CMongoC

extension MongoConnection {
    /// Inserts documents; libmongoc splits what is above the server's limits (100 000 documents or 48 MB a message).
    ///
    /// Documents without `_id` get one from libmongoc; give your own, so that the insert can be repeated.
    /// - Parameter ordered: stop at the first duplicate key (true), or insert all others (false).
    /// - Returns: counts; duplicate keys are no error here.
    /// - Throws: any other failure. Some documents may be inserted then.
    public func insert(
        _ documents: [BSONDocument],
        into namespace: Namespace,
        ordered: Bool = true,
        writeConcern: WriteConcern = .majority
    ) async throws(MongoError) -> InsertOutcome {
        try namespace.check()
        guard !documents.isEmpty else { return InsertOutcome(insertedCount: 0, duplicateKeyIndexes: []) }
        let options: BSONDocument = [
            "ordered": .bool(ordered), "writeConcern": writeConcern.options["writeConcern"] ?? .null,
        ]
        return try await run { client throws(MongoError) in
            try Self.insert(documents, into: namespace, options: options, client: client)
        }
    }

    /// Documents were validated when they were built.
    private static let withoutValidation: BSONDocument = ["validate": false]

    private static func insert(
        _ documents: [BSONDocument],
        into namespace: Namespace,
        options: BSONDocument,
        client: OpaquePointer
    ) throws(MongoError) -> InsertOutcome {
        let block = try ReplyBlock()
        var error = bson_error_t()
        let isOK: Bool
        do throws(BSONError) {
            let collection = mongoc_client_get_collection(client, namespace.database, namespace.collection)
            defer { mongoc_collection_destroy(collection) }
            isOK = try options.withNative { options throws(BSONError) in
                let bulk = mongoc_collection_create_bulk_operation_with_opts(collection, options)
                defer { mongoc_bulk_operation_destroy(bulk) }
                let areQueued = try withoutValidation.withNative { insertOptions throws(BSONError) in
                    for document in documents {
                        let isQueued = try document.withNative {
                            mongoc_bulk_operation_insert_with_opts(bulk, $0, insertOptions, &error)
                        }
                        if !isQueued { return false }
                    }
                    return true
                }
                guard areQueued else { return false }
                return block.withHandle { mongoc_bulk_operation_execute(bulk, $0, &error) } != 0
            }
        } catch {
            throw MongoError(error)
        }
        let reply = block.document
        let insertedCount = reply["nInserted"]?.asInt ?? 0
        if isOK { return InsertOutcome(insertedCount: insertedCount, duplicateKeyIndexes: []) }
        let failure = MongoError(error, reply: reply)
        // Only when duplicates are the whole story may they be told as an outcome.
        let failures = reply["writeErrors"]?.asArray?.compactMap(\.asDocument) ?? []
        let concerns = reply["writeConcernErrors"]?.asArray ?? []
        guard failure.kind == .duplicateKey, concerns.isEmpty else { throw failure }
        var indexes: [Int] = []
        for entry in failures {
            let entryFailure = MongoError(writeError: entry, labels: failure.labels, isWriteConcern: false)
            guard entryFailure.kind == .duplicateKey, let index = entry["index"]?.asInt else { throw entryFailure }
            indexes.append(index)
        }
        return InsertOutcome(insertedCount: insertedCount, duplicateKeyIndexes: indexes)
    }
}
