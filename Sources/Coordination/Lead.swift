public import ExperimentModel

/// A right to lead an experiment, as the store granted it.
public struct Lead: Sendable, Hashable {
    /// The experiment as it was when the lead was taken or last renewed.
    public var experiment: Experiment
    /// The fence of every write of this leader.
    public var epoch: Int
    /// The store's clock when the lead was taken or last renewed.
    public var renewedAt: Timestamp
    /// Leases that ran out after this moment of the store's clock are not judged; `nil`: all that have run out are.
    public var leasesJudgedAt: Timestamp?

    /// A lead.
    public init(experiment: Experiment, epoch: Int, renewedAt: Timestamp) {
        self.experiment = experiment
        self.epoch = epoch
        self.renewedAt = renewedAt
    }

    /// The experiment that is led.
    public var id: ExperimentID { experiment.id }
}

/// A change of an experiment by its leader.
public enum ExperimentChange: Sendable, Hashable {
    /// created → running.
    case begin
    /// The first trial was claimed at this moment; an earlier one that is stored already stands.
    case markStarted(Timestamp)
    /// It is to end; the first decision stands.
    case decide(ExperimentEnding)
    /// The decided ending is carried out: the state becomes terminal.
    case finish
}
