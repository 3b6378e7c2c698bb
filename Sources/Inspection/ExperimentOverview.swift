public import Coordination
public import ExperimentModel

/// An experiment with everything that tells how it stands at the moment.
public struct ExperimentOverview: Sendable {
    /// Events that an overview ends with.
    public static let eventCount = 3

    /// The experiment.
    public var experiment: Experiment
    /// Its trials in each state.
    public var counts: [TrialState: Int]
    /// The best trial so far.
    public var best: Trial?
    /// Trials that run.
    public var running: [Trial]
    /// Workers that were seen within a lease and would take its trials.
    public var workers: [Worker]
    /// Points that people added and that have no trial yet.
    public var waitingPoints: Int
    /// What happened last, oldest first.
    public var events: [ExperimentEvent]
    /// The store's clock at that time.
    public var now: Timestamp

    /// Reads it all.
    /// - Parameter lease: how long a worker counts as live.
    public init(of found: Experiment, in store: any TrialStore, lease: Duration) async throws {
        experiment = found
        counts = try await store.trialCounts(of: found.id)
        best = try await store.bestTrial(of: found.id)
        running = try await store.trials(of: found.id, TrialQuery(states: [.running]))
        workers = try await store.liveWorkers(within: lease).filter { $0.serves(found.id) }
        waitingPoints = 0
        if !found.enqueued.isEmpty {
            let tried = try await store.triedPoints(of: found.id)
            waitingPoints = found.enqueued.count { !tried.contains($0.id) }
        }
        let latest = try await store.latestTrials(of: found.id, count: Self.eventCount)
        let stored = try await store.events(of: found.id)
        events = ExperimentEvents.timeline(found, trials: latest, stored: stored).suffix(Self.eventCount)
        now = try await store.now()
    }

    /// Who leads it at the moment, and until when.
    public var lead: LeadRecord? {
        experiment.lead.flatMap { $0.leaseUntil > now ? $0 : nil }
    }

    /// Slots of ``workers``.
    public var slots: Int { workers.reduce(0) { $0 + $1.slots } }
}
