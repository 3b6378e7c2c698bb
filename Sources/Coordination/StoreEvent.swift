public import ExperimentModel

/// Which changes a consumer wants to hear of.
public enum WatchScope: Sendable, Hashable {
    /// Every change of experiments, trials and workers, with the trial's new content.
    case everything
    /// What a leader needs: ``everything`` without new trials, which leaders make themselves, and with no more of a trial that
    /// changed than a store has at hand; and ``StoreEvent/report(_:_:)``. Who missed a trial, or a change of it, reads it.
    case lead
    /// Only ``StoreEvent/work``, ``StoreEvent/delayed(_:)``, ``StoreEvent/orders``, ``StoreEvent/leave(_:)``, and experiments that
    /// began, paused, ended or were steered: what a worker needs.
    case work
}

/// Something changed; a hint to look, never the only source of truth.
public enum StoreEvent: Sendable, Hashable {
    /// Listening has begun, or begun again, or cannot be had: read what matters now.
    case resync
    /// A trial as it is now, or a little later.
    case trial(Trial)
    /// What changed in a trial.
    case change(TrialChange)
    /// A trial reported something that an early-termination policy looks at.
    case report(ExperimentID, ObjectiveReport)
    /// An experiment was stored or changed.
    case experiment(ExperimentID)
    /// A worker came, changed or went.
    case workers
    /// There may be something to claim.
    case work
    /// A trial went back to the queue and can be claimed when so much time is over.
    case delayed(Duration)
    /// A trial that some worker holds was given an order.
    case orders
    /// A worker was asked to leave.
    case leave(WorkerID)
}
