public import Coordination
public import ExperimentModel

/// A worker with what it does at the moment.
public struct WorkerOverview: Sendable, Hashable {
    /// How a worker does.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Seen within a lease.
        case live
        /// Seen within a lease, and told to leave.
        case draining
        /// Seen longer ago than a lease: it died, was cut off or stopped.
        case silent
    }

    /// The worker.
    public var worker: Worker
    /// How it does.
    public var state: State
    /// Time since it was last seen, by the store's clock.
    public var silence: Duration
    /// What it runs, as the store knows it.
    public var running: [RunningTrial]

    /// Every worker with its trials, by host, process and id.
    /// - Parameter now: the store's clock.
    public static func make(
        _ workers: [Worker],
        running: [RunningTrial],
        now: Timestamp,
        lease: Duration
    ) -> [WorkerOverview] {
        let held = Dictionary(grouping: running, by: \.worker)
        return
            workers
            .sorted { ($0.host, $0.processID, $0.id.rawValue) < ($1.host, $1.processID, $1.id.rawValue) }
            .map { worker in
                // The clock may be read a little before the workers.
                let silence = max(.zero, now - worker.lastSeen)
                let state: State = silence > lease ? .silent : worker.isLeaving ? .draining : .live
                return WorkerOverview(
                    worker: worker,
                    state: state,
                    silence: silence,
                    running: (held[worker.id] ?? []).sorted { $0.id < $1.id }
                )
            }
    }
}
