import BSON
import CMongoC

/// A query being read; owns one `mongoc_cursor_t` and its collection, both of one client.
struct Cursor: ~Copyable {
    private let raw: OpaquePointer
    private let collection: OpaquePointer

    deinit {
        mongoc_cursor_destroy(raw)
        mongoc_collection_destroy(collection)
    }

    static func find(
        _ filter: BSONDocument,
        options: BSONDocument,
        in namespace: Namespace,
        client: OpaquePointer
    ) throws(MongoError) -> Cursor {
        try open(filter, options, namespace, client) { mongoc_collection_find_with_opts($0, $1, $2, nil) }
    }

    static func aggregate(
        _ pipeline: [BSONDocument],
        options: BSONDocument,
        in namespace: Namespace,
        client: OpaquePointer
    ) throws(MongoError) -> Cursor {
        try open(["pipeline": .array(pipeline.map(BSONValue.document))], options, namespace, client) {
            mongoc_collection_aggregate($0, MONGOC_QUERY_NONE, $1, $2, nil)
        }
    }

    private static func open(
        _ query: BSONDocument,
        _ options: BSONDocument,
        _ namespace: Namespace,
        _ client: OpaquePointer,
        _ make: (_ collection: OpaquePointer, _ query: OpaquePointer, _ options: OpaquePointer) -> OpaquePointer?
    ) throws(MongoError) -> Cursor {
        guard let collection = mongoc_client_get_collection(client, namespace.database, namespace.collection) else {
            throw MongoError(.invalidDocument, message: "there is no collection \(namespace).")
        }
        let raw: OpaquePointer?
        do throws(BSONError) {
            raw = try query.withNative { query throws(BSONError) in
                try options.withNative { make(collection, query, $0) }
            }
        } catch {
            mongoc_collection_destroy(collection)
            throw MongoError(error)
        }
        guard let raw else {
            mongoc_collection_destroy(collection)
            throw MongoError(.invalidDocument, message: "the query of \(namespace) was refused by the driver.")
        }
        return Cursor(raw: raw, collection: collection)
    }

    /// The next document, nil at the end; blocks for the server.
    mutating func next() throws(MongoError) -> BSONDocument? {
        var document: OpaquePointer?
        if mongoc_cursor_next(raw, &document), let document { return BSONDocument(copying: document) }
        var error = bson_error_t()
        var reply: OpaquePointer?
        if mongoc_cursor_error_document(raw, &error, &reply) {
            throw MongoError(error, reply: reply.map { BSONDocument(copying: $0) })
        }
        return nil
    }
}
