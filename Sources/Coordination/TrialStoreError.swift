public import ExperimentModel

/// What can go wrong between a part of the system and its store.
public enum TrialStoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The store did not answer, or its answer was lost: the call may or may not have taken effect. Make it again.
    case unavailable(String)
    /// The store refuses us: wrong password, missing right, or a server that is too old.
    case refused(String)
    /// The database is not ready for this version, and this user may not make it so; a server's user may.
    case notSetUp(String)
    /// Another leader's epoch has begun.
    case leadLost(ExperimentID)
    /// There is no such experiment.
    case noSuchExperiment(ExperimentID)
    /// An id that is already taken by a different experiment.
    case experimentExists(ExperimentID)
    /// The end of the experiment is decided and not yet carried out, so it takes no wishes. Ask again when it has ended.
    case windingDown(ExperimentID)
    /// The experiment has been given as many points as it can hold.
    case tooManyEnqueued(ExperimentID, limit: Int)
    /// A document that was written by a newer version or edited by hand.
    case unreadable(document: String, reason: String)
    /// The database was made by a newer version of this program.
    case newerSchema(found: Int, supported: Int)
    /// The store rejected a write that we believed to be right.
    case rejected(String)

    /// Whether making the same call again can succeed.
    public var isRetryable: Bool {
        switch self {
        case .unavailable, .notSetUp: true
        default: false
        }
    }

    /// What ``StoreUpkeep/purge(_:)`` answers for an experiment that lives.
    public static func notMarkedAsDeleted(_ id: ExperimentID) -> TrialStoreError {
        .rejected("experiment \(id) exists and is not marked as deleted")
    }

    /// What ``StoreUpkeep/purge(_:)`` answers for records that no deletion can have left.
    public static func notLeftByDeletion(_ id: ExperimentID) -> TrialStoreError {
        .rejected("the records of \(id) were not left by a deletion: their experiment is missing, not deleted")
    }

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .unavailable(let cause):
            "The store did not answer: \(cause)"
        case .refused(let cause):
            "The store refuses this program: \(cause)"
        case .notSetUp(let cause):
            "The store is not set up: \(cause). Start `hyperserver` first, as a user with the role of a server "
                + "(docs/operations.md)."
        case .leadLost(let id):
            "Experiment \(id) has another leader now; this one stops."
        case .noSuchExperiment(let id):
            "There is no experiment \(id). `hyperserver list` shows what there is."
        case .experimentExists(let id):
            "Experiment \(id) exists already with another definition; choose another id."
        case .windingDown(let id):
            "Experiment \(id) is ending: its running trials are being stopped. Wait until it has ended, then ask again."
        case .tooManyEnqueued(let id, let limit):
            "Experiment \(id) holds as many enqueued points as it can (\(limit) at most). Start another experiment for more."
        case .unreadable(let document, let reason):
            "\(document) cannot be read: \(reason.hasSuffix(".") ? String(reason.dropLast()) : reason). "
                + "It was edited by hand or written by a newer version."
        case .newerSchema(let found, let supported):
            "The database has schema version \(found); this program knows versions up to \(supported). Use a newer program."
        case .rejected(let cause):
            "The store rejected a write: \(cause)"
        }
    }
}
