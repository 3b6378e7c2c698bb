public import BSON

/// What an update does: operators such as `$set`, a replacement, or a pipeline that may read `$$NOW` and other fields.
public enum MongoUpdate: Sendable, Equatable, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    /// Update operators, or a replacement document.
    case document(BSONDocument)
    /// Aggregation stages (`$set`, `$unset`, `$replaceWith`).
    case pipeline([BSONDocument])

    /// Update operators, or a replacement.
    public init(dictionaryLiteral elements: (String, BSONValue)...) {
        self = .document(BSONDocument(recordingFailureOf: elements))
    }

    /// A pipeline.
    public init(arrayLiteral elements: BSONDocument...) {
        self = .pipeline(elements)
    }

    var value: BSONValue {
        switch self {
        case .document(let document): .document(document)
        case .pipeline(let stages): .array(stages.map(BSONValue.document))
        }
    }
}

/// What an update changed.
public struct UpdateOutcome: Sendable, Equatable {
    /// Documents that matched the filter, not counting an upserted one.
    public let matchedCount: Int
    /// Documents that changed.
    public let modifiedCount: Int
    /// The `_id` of the document that an upsert inserted.
    public let upsertedID: BSONValue?

    /// An outcome with these counts.
    public init(matchedCount: Int, modifiedCount: Int, upsertedID: BSONValue? = nil) {
        self.matchedCount = matchedCount
        self.modifiedCount = modifiedCount
        self.upsertedID = upsertedID
    }
}

/// What an insert of several documents did.
public struct InsertOutcome: Sendable, Equatable {
    /// Documents that were inserted.
    public let insertedCount: Int
    /// Positions of documents whose key exists already; an ordered insert stops at the first one.
    public let duplicateKeyIndexes: [Int]

    /// An outcome with these counts.
    public init(insertedCount: Int, duplicateKeyIndexes: [Int]) {
        self.insertedCount = insertedCount
        self.duplicateKeyIndexes = duplicateKeyIndexes
    }
}
