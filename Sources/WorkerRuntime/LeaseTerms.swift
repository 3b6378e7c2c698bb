import Execution
import ExperimentModel

/// What becomes of a trial whose lease cannot be renewed, as its experiment says.
struct LeaseTerms: Sendable, Equatable {
    /// Whether it has to be over before its lease is.
    var isExclusive: Bool
    /// Time between SIGTERM and SIGKILL, if the lease leaves so much.
    var grace: Duration
    /// How long it may run on without an answer of the store, when it is not exclusive.
    var outageLimit: Duration
}

extension LeaseTerms {
    /// The terms of an experiment; a stored document may say anything.
    init(_ definition: ExperimentDefinition) {
        isExclusive = definition.isExclusive
        grace = AttemptTimes.grace(seconds: definition.graceSeconds)
        outageLimit = AttemptTimes.outageLimit(seconds: definition.storeOutageLimitSeconds)
    }
}
