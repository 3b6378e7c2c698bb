public import Coordination
public import ExperimentModel

/// An experiment with everything that tells how it stands at the moment.
public struct ExperimentOverview: Sendable {
    /// Events that an overview ends with.
    public static let eventCount = 3
    /// Running trials whose curves are read, the first ones.
    public static let curveCount = 20

    /// The experiment.
    public var experiment: Experiment
    /// Its trials in each state.
    public var counts: [TrialState: Int]
    /// The best trial so far.
    public var best: Trial?
    /// Trials that run.
    public var running: [Trial]
    /// New trials that wait for the time of their next attempt.
    public var delayed: [Trial]
    /// Why trials failed, counted.
    public var failures: [TrialCause: Int]
    /// How many trials a policy stopped.
    public var stopped: Int
    /// What the first running trials have reported, by number; those without a report are absent.
    public var curves: [Int: CurveSketch]
    /// Workers that were seen within a lease and would take its trials.
    public var workers: [Worker]
    /// Points that people added and that have no trial yet.
    public var waitingPoints: Int
    /// What happened last, oldest first.
    public var events: [ExperimentEvent]
    /// Why it does not go on, or slots stand idle; empty when all goes well.
    public var waiting: [WaitReason]
    /// The store's clock at that time.
    public var now: Timestamp

    /// Reads it all.
    /// - Parameter lease: how long a worker counts as live.
    public init(of found: Experiment, in store: any TrialStore, lease: Duration) async throws {
        experiment = found
        // At once: leases are judged by it, and the other reads may take long.
        now = try await store.now()
        counts = try await store.trialCounts(of: found.id)
        best = try await store.bestTrial(of: found.id)
        let moment = now
        let open = try await store.trials(of: found.id, TrialQuery(states: [.running], orDelayed: true))
        running = open.filter { $0.state == .running }
        delayed = open.filter { $0.isDelayed(at: moment) }
        failures = counts[.failed, default: 0] > 0 ? try await store.failureCauses(of: found.id) : [:]
        let hasPolicies = !found.definition.earlyTermination.isEmpty
        stopped = hasPolicies && counts[.done, default: 0] > 0 ? try await store.stoppedCount(of: found.id) : 0
        curves = [:]
        for trial in running.prefix(Self.curveCount) {
            let curve = try await CurveReader.curve(of: trial, found.definition.objective, in: store)
            curves[trial.id.number] = curve
        }
        let live = try await store.liveWorkers(within: lease)
        workers = live.filter { $0.serves(found) }
        waitingPoints = 0
        if !found.enqueued.isEmpty {
            let tried = try await store.triedPoints(of: found.id)
            waitingPoints = found.enqueued.count { !tried.contains($0.id) }
        }
        let latest = try await store.latestTrials(of: found.id, count: Self.eventCount)
        let stored = try await store.events(of: found.id)
        events = ExperimentEvents.timeline(found, trials: latest, stored: stored).suffix(Self.eventCount)
        waiting = WaitReason.all(
            WaitReason.Circumstances(
                experiment: found,
                counts: counts,
                running: running,
                delayed: delayed,
                workers: live,
                readAt: now,
                now: now,
                lease: lease,
                standstill: Self.standstill(counts, latest, now)
            )
        )
    }

    /// Time since anything happened to a trial, if there are new ones and none runs.
    private static func standstill(_ counts: [TrialState: Int], _ latest: [Trial], _ now: Timestamp) -> Duration? {
        guard counts[.new, default: 0] > 0, counts[.running, default: 0] == 0 else { return nil }
        let changes = latest.map { max($0.createdAt, $0.finishedAt ?? $0.attempts.last?.endedAt ?? $0.createdAt) }
        return changes.max().map { now - $0 }
    }

    /// Who leads it at the moment, and until when.
    public var lead: LeadRecord? {
        experiment.lead(at: now)
    }

    /// Slots of ``workers``.
    public var slots: Int { workers.reduce(0) { $0 + $1.slots } }
}
