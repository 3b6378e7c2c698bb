import BSON
public import Coordination
public import ExperimentModel
public import Logging
public import MongoClient
import OrderedCollections
import SearchSpace
import Synchronization

/// The store over MongoDB: every promise of `TrialStore` as single-document compare-and-set writes by the server's clock.
///
/// What someone waits for (trials, results, orders) is written with `w: majority`, since change streams show nothing earlier
/// and nothing less survives a failover; output is written with `w: 1`.
public final class MongoTrialStore: TrialStore {
    /// The database unless another is named.
    public static let defaultDatabase = "hyper"

    let connection: MongoConnection
    let database: String
    let logger: Logger
    let pollInterval: Duration
    /// What never changes of an experiment and is needed to write its trials.
    private let facts = Mutex<[ExperimentID: ExperimentFacts]>([:])
    /// What was said of documents that cannot be read.
    let complaints = Mutex<Set<String>>([])
    /// Experiments whose facts are kept in memory.
    private static let largestFactCount = 1024

    /// What never changes of an experiment and is needed to write its trials.
    struct ExperimentFacts: Sendable {
        var createdAt: Timestamp
        var space: SearchSpace
        var objective: Objective
    }

    /// A store in one database of a server.
    /// - Parameters:
    ///   - connection: belongs to the caller, who closes it after the store's last use.
    ///   - pollInterval: how often to say ``StoreEvent/resync`` where there are no change streams.
    public init(
        connection: MongoConnection,
        database: String = MongoTrialStore.defaultDatabase,
        pollInterval: Duration = .seconds(1),
        logger: Logger
    ) {
        self.connection = connection
        self.database = database
        self.pollInterval = pollInterval
        self.logger = logger
    }

    func collection(_ name: String) -> Namespace { Namespace(database: database, collection: name) }
    var jobs: Namespace { collection(Schema.jobs) }
    var experimentDocuments: Namespace { collection(Schema.experiments) }

    /// Oldest MongoDB that the store works with: pipelines, `$$NOW` and free field names are taken for granted.
    public static let oldestServer = ServerDescription.Version(6, 0)

    /// The server's clock, to the millisecond.
    public func now() async throws -> Timestamp {
        try await translating {
            let hello = try await connection.readCommand(["hello": 1], on: "admin")
            return Timestamp(milliseconds: try hello.require("localTime").date.millisecondsSince1970)
        }
    }

    /// Runs a call and turns errors of the layers below into the store's own.
    func translating<R>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as MongoError {
            throw TrialStoreError(error)
        } catch let error as BSONError {
            throw TrialStoreError.unreadable(document: "A reply of MongoDB", reason: "\(error)")
        }
    }

    /// The facts of an experiment, read once.
    func facts(of id: ExperimentID) async throws -> ExperimentFacts {
        if let known = facts.withLock({ $0[id] }) { return known }
        guard let document = try await connection.findOne(Self.key(id), in: experimentDocuments) else {
            throw TrialStoreError.noSuchExperiment(id)
        }
        let experiment = try ExperimentDocument.read(document)
        let read = ExperimentFacts(
            createdAt: experiment.createdAt,
            space: experiment.definition.searchSpace,
            objective: experiment.definition.objective
        )
        facts.withLock { facts in
            if facts.count >= Self.largestFactCount { facts.removeAll() }
            facts[id] = read
        }
        return read
    }
}

extension TrialStoreError {
    /// What an error of the driver means to the system.
    init(_ error: MongoError) {
        switch error.kind {
        case .authenticationFailed, .notAuthorized, .malformedURI: self = .refused("\(error)")
        case .unavailable: self = .unavailable("\(error.message). \(MongoError.reachAdvice)")
        case _ where error.isRetryable: self = .unavailable("\(error)")
        case .closed, .cancelled: self = .unavailable("\(error)")
        default: self = .rejected("\(error)")
        }
    }
}
