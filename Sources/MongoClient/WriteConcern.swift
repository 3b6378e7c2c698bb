import BSON

/// How many servers must have a write before it counts as done.
public enum WriteConcern: Sendable, Equatable {
    /// A majority of the replica set, journaled; survives any failover. Change streams show such writes at once.
    case majority
    /// The primary alone (`w: 1`); may be rolled back by a failover.
    case acknowledged

    /// How long the server waits for a majority before it reports `MongoError.Kind.writeConcernFailed`.
    public static let majorityTimeout: Duration = .seconds(10)

    /// The command options that carry the write concern; they override the one of the URI.
    var options: BSONDocument {
        switch self {
        case .majority: Self.majorityOptions
        case .acknowledged: Self.acknowledgedOptions
        }
    }

    private static let majorityOptions: BSONDocument = [
        "writeConcern": ["w": "majority", "wtimeout": .int64(majorityTimeout.wholeMilliseconds)]
    ]
    private static let acknowledgedOptions: BSONDocument = ["writeConcern": ["w": 1]]
}
