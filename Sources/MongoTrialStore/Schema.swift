import BSON
import MongoClient

/// Names of collections and fields, and the indexes; `docs/schema.md` lists them with their meaning.
enum Schema {
    /// Grows with every change that an older program would misread.
    ///
    /// 2: limits that change, given points, the origin of trials, the thirteen distributions of hyperopt. What version 1 did not
    /// write has defaults, so its documents are read as they are, and a change of one raises its `schema`.
    /// 3: policies, positions of reports, the decisions of policies. An older server would lead an experiment with policies
    /// without them, and an older worker reports nothing that they can judge.
    /// 4: containers, workspaces, required labels and secrets of a definition. An older worker would run such trials as plain
    /// processes, without their files.
    static let version = 4

    static let experiments = "experiments"
    static let jobs = "jobs"
    static let observations = "observations"
    static let logs = "logs"
    static let workers = "workers"
    /// What happened to experiments; deleted with them.
    static let events = "events"
    static let meta = "meta"
    /// Files, as every driver's GridFS bucket of the name `fs` finds them.
    static let files = "fs.files"
    static let fileChunks = "fs.chunks"

    /// After this a worker that said nothing more is forgotten; it counts as dead long before.
    static let workerExpiry: Duration = .seconds(3600)

    /// Every collection that has indexes of ours.
    static let indexes: [(collection: String, indexes: [IndexSpecification])] = [
        (experiments, experimentIndexes), (jobs, jobIndexes), (observations, observationIndexes), (logs, logIndexes),
        (workers, workerIndexes), (events, eventIndexes), (files, fileIndexes), (fileChunks, fileChunkIndexes),
    ]

    static let jobIndexes: [IndexSpecification] = [
        IndexSpecification(keys: ["exp_key": 1, "tid": 1], name: "trial", isUnique: true),
        IndexSpecification(keys: ["exp_key": 1, "state": 1, "tid": 1], name: "claim"),
        // Only running trials, so that renewals never look at finished ones, which keep their owner.
        IndexSpecification(keys: ["owner": 1], name: "held", partialFilterExpression: ["state": 1]),
        IndexSpecification(keys: ["exp_key": 1], name: "exp_key_1"),
        IndexSpecification(keys: ["result.loss": 1], name: "result.loss_1"),
        IndexSpecification(keys: ["book_time": 1], name: "book_time_1"),
    ]
    static let observationIndexes = [
        IndexSpecification(
            keys: ["experiment": 1, "trial": 1, "attempt": 1, "seq": 1],
            name: "observation",
            isUnique: true
        ),
        IndexSpecification(
            keys: ["experiment": 1, "at": 1],
            name: "report",
            partialFilterExpression: ["interval": ["$exists": true]]
        ),
    ]
    static let logIndexes = [
        IndexSpecification(
            keys: ["experiment": 1, "trial": 1, "attempt": 1, "stream": 1, "seq": 1],
            name: "chunk",
            isUnique: true
        )
    ]
    static let workerIndexes = [
        IndexSpecification(keys: ["last_seen": 1], name: "last_seen", expireAfter: workerExpiry)
    ]
    static let eventIndexes = [
        IndexSpecification(keys: ["experiment": 1, "at": 1], name: "event")
    ]
    static let fileIndexes = [
        // Of two programs that store one name, one wins; the files of others in the bucket may share a name.
        IndexSpecification(
            keys: ["filename": 1],
            name: "name",
            isUnique: true,
            partialFilterExpression: ["metadata.kind": ["$exists": true]]
        ),
        IndexSpecification(keys: ["filename": 1, "uploadDate": 1], name: "filename_1_uploadDate_1"),
        IndexSpecification(
            keys: ["metadata.experiment": 1, "metadata.trial": 1, "metadata.attempt": 1],
            name: "artifact",
            partialFilterExpression: ["metadata.experiment": ["$exists": true]]
        ),
    ]
    static let fileChunkIndexes = [
        IndexSpecification(keys: ["files_id": 1, "n": 1], name: "files_id_1_n_1", isUnique: true)
    ]
    static let experimentIndexes = [
        IndexSpecification(keys: ["name": 1, "created_at": 1], name: "name"),
        IndexSpecification(keys: ["state": 1, "created_at": 1], name: "state"),
    ]
}
