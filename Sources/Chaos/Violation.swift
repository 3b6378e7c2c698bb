/// A promise that was not kept.
public struct Violation: Sendable, Hashable {
    /// Which promise.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A trial whose result the store had told of is not done any more, or a trial of an ended experiment has no outcome.
        case lost
        /// Two accepted results, two trials of one number, one attempt run twice, or a point of a grid tried twice.
        case doubled
        /// More or fewer trials than `max_trials`.
        case budget
        /// A value that is not the function of its assignment, or that no process of that attempt has written down.
        case wrongValue = "wrong_value"
        /// A failure that the trial's program did not mean.
        case unexpectedFailure = "unexpected_failure"
        /// Two attempts of a trial of an exclusive experiment ran at once.
        case overlap
        /// A process of a trial outlived its worker.
        case leftover
        /// The epochs of an experiment's leaders do not grow.
        case epoch
        /// An experiment did not end although everything was healed.
        case unfinished
        /// A program ended by itself, or did not end when it was told to.
        case misbehaviour
        /// The journal itself cannot be relied on.
        case journal

        /// For people, in the plural.
        public var label: String {
            switch self {
            case .lost: "lost results, trials without an outcome"
            case .doubled: "doubled results, trials or points"
            case .budget: "experiments with more or fewer trials than max_trials"
            case .wrongValue: "wrong values, or values that nobody computed"
            case .unexpectedFailure: "failures that were none"
            case .overlap: "overlapping attempts of exclusive trials"
            case .leftover: "processes left over after their worker"
            case .epoch: "leaders' epochs that do not grow"
            case .unfinished: "experiments that did not end after everything was healed"
            case .misbehaviour: "programs that ended by themselves, or not when told"
            case .journal: "lines of the journal that make no sense"
            }
        }
    }

    /// Which promise.
    public var kind: Kind
    /// What happened, for people.
    public var message: String

    /// A promise that was not kept.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
