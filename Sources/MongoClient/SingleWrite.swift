import BSON
import CMongoC

/// An update, replacement or deletion of one document, through the helpers of libmongoc.
///
/// The helpers number such a write and repeat it after a network error; `mongoc_client_write_command_with_opts` does that
/// for `findAndModify` only (1.23.1).
struct SingleWrite: Sendable {
    let filter: BSONDocument
    /// Nil for a deletion.
    let update: MongoUpdate?
    let options: BSONDocument
    let namespace: Namespace

    init(_ filter: BSONDocument, _ update: MongoUpdate?, options: BSONDocument, in namespace: Namespace) {
        self.filter = filter
        self.update = update
        self.options = options
        self.namespace = namespace
    }

    /// The blocking call itself.
    func execute(_ client: OpaquePointer) throws(MongoError) -> BSONDocument {
        let block = try ReplyBlock()
        var error = bson_error_t()
        let isOK: Bool
        do throws(BSONError) {
            let collection = mongoc_client_get_collection(client, namespace.database, namespace.collection)
            defer { mongoc_collection_destroy(collection) }
            let change = try nativeUpdate()
            isOK = try filter.withNative { filter throws(BSONError) in
                try options.withNative { options throws(BSONError) in
                    try change.withNative { change in
                        block.withHandle { reply in
                            switch update {
                            case nil:
                                mongoc_collection_delete_one(collection, filter, options, reply, &error)
                            case .document(let document) where !Self.hasOperators(document):
                                mongoc_collection_replace_one(collection, filter, change, options, reply, &error)
                            default:
                                mongoc_collection_update_one(collection, filter, change, options, reply, &error)
                            }
                        }
                    }
                }
            }
        } catch {
            throw MongoError(error)
        }
        let reply = block.document
        guard isOK else { throw MongoError(error, reply: reply) }
        return reply
    }

    private func nativeUpdate() throws(BSONError) -> BSONDocument {
        switch update {
        case nil: .empty
        case .document(let document): document
        case .pipeline(let stages): try BSONDocument(array: stages.map(BSONValue.document))
        }
    }

    private static func hasOperators(_ document: BSONDocument) -> Bool {
        document.keys.first?.hasPrefix("$") ?? false
    }
}
