public import BSON

/// One index of a collection.
public struct IndexSpecification: Sendable, Equatable {
    /// Keys and directions, in order.
    public let keys: BSONDocument
    /// The name; the same name with other keys is an error of the server.
    public let name: String
    /// Whether two documents with the same key are refused.
    public var isUnique: Bool
    /// Only documents that match are indexed.
    public var partialFilterExpression: BSONDocument?
    /// Documents are deleted this many whole seconds after the date in the single key; never when nil.
    public var expireAfter: Duration?

    /// Describes an index.
    public init(
        keys: BSONDocument,
        name: String,
        isUnique: Bool = false,
        partialFilterExpression: BSONDocument? = nil,
        expireAfter: Duration? = nil
    ) {
        self.keys = keys
        self.name = name
        self.isUnique = isUnique
        self.partialFilterExpression = partialFilterExpression
        self.expireAfter = expireAfter
    }

    var value: BSONValue {
        var pairs: [(String, BSONValue)] = [("key", .document(keys)), ("name", .string(name))]
        if isUnique { pairs.append(("unique", true)) }
        if let partialFilterExpression {
            pairs.append(("partialFilterExpression", .document(partialFilterExpression)))
        }
        if let expireAfter { pairs.append(("expireAfterSeconds", .int64(expireAfter.components.seconds))) }
        return .document(BSONDocument(recordingFailureOf: pairs))
    }
}

extension MongoConnection {
    /// Makes the indexes that are missing, and the collection if need be; repeating it changes nothing.
    public func createIndexes(
        _ indexes: [IndexSpecification],
        on namespace: Namespace
    ) async throws(MongoError) {
        guard !indexes.isEmpty else { return }
        let command = try makeCommand(
            [("createIndexes", .string(namespace.collection)), ("indexes", .array(indexes.map(\.value)))],
            in: namespace
        )
        let reply = try await send(
            command,
            on: namespace.database,
            mode: .once,
            options: WriteConcern.majority.options
        )
        try Self.checkWrite(reply)
    }
}
