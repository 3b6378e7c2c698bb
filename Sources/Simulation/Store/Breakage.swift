/// A rule of the store that is broken on purpose, to see that the judge finds it.
public enum Breakage: String, Sendable, Hashable, CaseIterable {
    /// A result is taken whatever the attempt.
    case fence
    /// A leader's write is taken whatever the epoch.
    case epoch
    /// More trials are promised than `max_trials` allows.
    case budget
    /// Leases end before their time.
    case lease
    /// A result is answered as accepted and dropped.
    case result
    /// A result is stored with another value.
    case value
    /// A trial is inserted with the assignment of another.
    case assignment
    /// An experiment ends with trials that have no outcome.
    case ending
    /// A trial that runs is given to a second worker.
    case claim
    /// A trial that failed is tried again without a charge and without anybody's wish.
    case final
    /// A trial is stopped early on numbers of its own.
    case decision

    /// What is broken, for people.
    public var meaning: String {
        switch self {
        case .fence: "a result is taken whatever the attempt"
        case .epoch: "a write of a leader is taken whatever the epoch"
        case .budget: "more trials are promised than max_trials allows"
        case .lease: "leases end before their time"
        case .result: "a result is answered as accepted and dropped"
        case .value: "a result is stored with another value"
        case .assignment: "a trial is inserted with the assignment of another"
        case .ending: "an experiment ends with trials that have no outcome"
        case .claim: "a trial that runs is given to a second worker"
        case .final: "a failed trial comes back without anybody's wish"
        case .decision: "a decision to stop a trial is stored with other numbers"
        }
    }
}
