public import MongoClient

/// What a database of ours holds, for whoever checks one.
public enum StoreExpectation {
    /// The version of the schema that this program writes.
    public static var schemaVersion: Int { Schema.version }
    /// The oldest MongoDB that the store works with.
    public static var oldestServer: ServerDescription.Version { MongoTrialStore.oldestServer }
    /// The collection of the schema's version.
    public static var metaCollection: String { Schema.meta }
    /// Every collection with the names of its indexes.
    public static var indexNames: [(collection: String, names: [String])] {
        Schema.indexes.map { ($0.collection, $0.indexes.map(\.name)) } + [(Schema.meta, [])]
    }

    /// What a user is good for, by what it may do.
    public enum Purpose: Sendable, Hashable, CaseIterable {
        /// Commands that only look.
        case looking
        /// `hyperworker`, beside ``looking``.
        case working
        /// `hyperserver start` and the commands that steer and delete, beside ``looking``.
        case serving

        /// The actions that it takes on each collection; an empty name is the database as a whole.
        public var actions: [String: Set<String>] {
            switch self {
            case .looking: ["": ["find", "changeStream"]]
            case .working:
                [
                    Schema.jobs: ["update"], Schema.observations: ["insert"], Schema.logs: ["insert"],
                    Schema.workers: ["insert", "update", "remove"],
                ]
            case .serving:
                [
                    "": ["createIndex"],
                    Schema.experiments: ["insert", "update", "remove"], Schema.jobs: ["insert", "update", "remove"],
                    Schema.observations: ["remove"], Schema.logs: ["insert", "update", "remove"],
                    Schema.events: ["insert", "update", "remove"], Schema.workers: ["update"],
                    Schema.meta: ["insert", "update"],
                ]
            }
        }
    }
}
