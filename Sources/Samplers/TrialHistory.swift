public import SearchSpace

/// What a sampler may know of the trials so far, each list in the order of trial numbers.
public struct TrialHistory: Sendable, Hashable {
    /// A trial with its outcome.
    public struct Completed: Sendable, Hashable {
        /// Number of the trial, from 1.
        public var number: Int
        /// What it was given.
        public var suggestion: Suggestion
        /// Whether the sampler proposed it, and not a person.
        public var isSampled: Bool
        /// The value to minimise, finite: a maximised objective is negated.
        public var loss: Double
        /// How far a trial came that was stopped early: the interval at which that was decided. Its loss says what it had
        /// reached by then, not what it would have reached. `nil` when it ended by itself.
        public var stoppedAt: Int?

        /// A trial with its outcome.
        public init(
            number: Int,
            suggestion: Suggestion,
            isSampled: Bool = true,
            loss: Double,
            stoppedAt: Int? = nil
        ) {
            self.number = number
            self.suggestion = suggestion
            self.isSampled = isSampled
            self.loss = loss
            self.stoppedAt = stoppedAt
        }
    }

    /// A trial without an outcome.
    public struct Open: Sendable, Hashable {
        /// Number of the trial, from 1.
        public var number: Int
        /// What it was given.
        public var suggestion: Suggestion
        /// Whether the sampler proposed it, and not a person.
        public var isSampled: Bool

        /// A trial without an outcome.
        public init(number: Int, suggestion: Suggestion, isSampled: Bool = true) {
            self.number = number
            self.suggestion = suggestion
            self.isSampled = isSampled
        }
    }

    /// Trials that ended with a finite objective.
    public var completed: [Completed]
    /// Trials that ended without one.
    public var failed: [Open]
    /// Trials that are new or running.
    public var pending: [Open]

    /// A history; empty at the start of an experiment.
    public init(completed: [Completed] = [], failed: [Open] = [], pending: [Open] = []) {
        self.completed = completed
        self.failed = failed
        self.pending = pending
    }
}
