public import BSON

/// Which data a read may see.
public enum ReadConcern: String, Sendable {
    /// The newest data of the primary, which a failover may still take back.
    case local
    /// Data that a majority has, which no failover takes back.
    case majority
}

/// How a query is answered.
public struct FindOptions: Sendable {
    /// The order of the answer.
    public var sort: BSONDocument?
    /// Which fields come back.
    public var projection: BSONDocument?
    /// How many documents come back at most; all when nil.
    public var limit: Int?
    /// How many documents are left out at the start.
    public var skip: Int?
    /// The index to use: its name or its keys.
    public var hint: BSONValue?
    /// Documents per message of the server, and per call of the closure of `findEach`.
    public var batchSize: Int?
    /// How long the server may work on it; the connection's `maxTime` when nil.
    public var maxTime: Duration?
    /// Which data the query may see.
    public var readConcern: ReadConcern = .local

    /// Options with the usual ones at hand.
    public init(
        sort: BSONDocument? = nil,
        projection: BSONDocument? = nil,
        limit: Int? = nil,
        skip: Int? = nil,
        hint: BSONValue? = nil,
        batchSize: Int? = nil
    ) {
        self.sort = sort
        self.projection = projection
        self.limit = limit
        self.skip = skip
        self.hint = hint
        self.batchSize = batchSize
    }

    /// The elements shared by the `find` command and libmongoc's options.
    func pairs(defaultMaxTime: Duration) -> [(String, BSONValue)] {
        var pairs: [(String, BSONValue)] = []
        if let sort { pairs.append(("sort", .document(sort))) }
        if let projection { pairs.append(("projection", .document(projection))) }
        if let limit { pairs.append(("limit", .int64(Int64(limit)))) }
        if let skip { pairs.append(("skip", .int64(Int64(skip)))) }
        if let hint { pairs.append(("hint", hint)) }
        if let batchSize { pairs.append(("batchSize", .int64(Int64(batchSize)))) }
        pairs.append(("maxTimeMS", .int64((maxTime ?? defaultMaxTime).wholeMilliseconds)))
        return pairs
    }
}
