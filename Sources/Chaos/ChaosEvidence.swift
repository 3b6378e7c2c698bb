public import ExperimentModel

/// All that is known after a chaos run: what the store holds, what the trials wrote down, and what was seen meanwhile.
public struct ChaosEvidence: Sendable {
    /// An experiment as it is in the end.
    public struct Record: Sendable {
        /// Its document.
        public var experiment: Experiment
        /// Every trial.
        public var trials: [Trial]
        /// What the store kept of its leaders, among others.
        public var events: [ExperimentEvent]
        /// Whether attempts must never overlap.
        public var isExclusive: Bool

        /// What is stored of an experiment.
        public init(experiment: Experiment, trials: [Trial], events: [ExperimentEvent], isExclusive: Bool) {
            self.experiment = experiment
            self.trials = trials
            self.events = events
            self.isExclusive = isExclusive
        }
    }

    /// A result that the store told of: from then on it must stay.
    public struct Acceptance: Sendable, Hashable {
        /// The attempt that it was accepted from.
        public var attempt: Int
        /// The objective.
        public var value: Double?

        /// A result of an attempt.
        public init(attempt: Int, value: Double?) {
            self.attempt = attempt
            self.value = value
        }
    }

    /// Every experiment that was created.
    public var records: [Record]
    /// What the trials wrote down.
    public var journal: Journal
    /// Results that the store told of by change events, which only tell what a majority has.
    public var acceptances: [TrialID: Set<Acceptance>]
    /// Processes that outlived what they belonged to, and programs that did something else than they were told; for people.
    public var leftovers: [String]
    /// What the programs did that nobody asked for: ended by themselves, or did not end; for people.
    public var misbehaviour: [String]

    /// Evidence of a run.
    public init(
        records: [Record],
        journal: Journal,
        acceptances: [TrialID: Set<Acceptance>] = [:],
        leftovers: [String] = [],
        misbehaviour: [String] = []
    ) {
        self.records = records
        self.journal = journal
        self.acceptances = acceptances
        self.leftovers = leftovers
        self.misbehaviour = misbehaviour
    }
}
