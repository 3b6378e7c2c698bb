/// A collection of a database.
public struct Namespace: Hashable, Sendable, CustomStringConvertible {
    /// The database.
    public let database: String
    /// The collection.
    public let collection: String

    /// Names a collection; a name that MongoDB does not allow fails when it is used.
    public init(database: String, collection: String) {
        self.database = database
        self.collection = collection
    }

    /// `database.collection`, as MongoDB writes it.
    public var description: String {
        "\(database).\(collection)"
    }

    /// C strings end at a NUL, so such a name would silently mean another collection.
    func check() throws(MongoError) {
        try Self.check(database)
        try Self.check(collection)
    }

    static func check(_ name: String) throws(MongoError) {
        guard !name.isEmpty, !name.utf8.contains(0) else {
            throw MongoError(
                .invalidDocument,
                message: "the name \(name.debugDescription) is empty or has a NUL character."
            )
        }
    }
}
