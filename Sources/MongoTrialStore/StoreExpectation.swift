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
        [
            (Schema.experiments, Schema.experimentIndexes.map(\.name)),
            (Schema.jobs, Schema.jobIndexes.map(\.name)),
            (Schema.observations, Schema.observationIndexes.map(\.name)),
            (Schema.logs, Schema.logIndexes.map(\.name)),
            (Schema.workers, Schema.workerIndexes.map(\.name)),
            (Schema.meta, []),
        ]
    }
}
