import Coordination
import ExperimentModel
import MemoryTrialStore

/// The calls that can be broken on purpose; without a ``Breakage`` they are those of the memory store.
extension SimulatedStore {
    /// How far the clock is moved to end leases early.
    private static let earliness: Duration = .seconds(3600)
    /// Each so-manyth call is broken where breaking all would leave nothing to look at.
    private static let brokenShare = 3

    /// The lead as the store is to see it.
    func seen(_ lead: Lead) async -> Lead {
        guard breakage == .epoch, let current = await memory.experiment(lead.id)?.epoch else { return lead }
        var forged = lead
        forged.epoch = current
        return forged
    }

    func finish(_ claimed: Trial, _ outcome: AttemptOutcome, _ retries: RetryLimits) async -> FinishResult {
        var claimed = claimed
        var outcome = outcome
        switch breakage {
        case .fence:
            guard let current = await memory.trials(of: claimed.id.experiment, .number(claimed.id.number)).first else {
                break
            }
            claimed.attempt = current.attempt
            claimed.owner = current.owner
        case .result where claimed.id.number.isMultiple(of: Self.brokenShare): return .accepted(.done)
        case .value: outcome.value = outcome.value.map { $0 / 2 }
        default: break
        }
        let result = await memory.finish(claimed, with: outcome, retries: retries)
        if breakage == .final, result == .accepted(.failed) { _ = try? await memory.retryTrial(claimed.id) }
        return result
    }

    func reserve(_ count: Int, _ lead: Lead) async throws -> Experiment {
        guard breakage == .budget, let now = await memory.experiment(lead.id), let most = now.limits.maxTrials,
            now.nextTrial + count > most
        else { return try await memory.reserveTrials(count, lead: lead) }
        var wider = now.limits
        wider.maxTrials = most + 1
        var forged = lead
        if let widened = try await memory.replaceLimits(of: lead.id, from: now.limits, to: wider) {
            forged.experiment = widened
        }
        _ = try await memory.reserveTrials(count + 1, lead: forged)
        return try await memory.replaceLimits(of: lead.id, from: wider, to: now.limits) ?? now
    }

    func expire(_ lead: Lead, _ retries: RetryLimits) async throws -> [Trial] {
        guard breakage == .lease else { return try await memory.expireLeases(of: lead, retries: retries) }
        // Nor is the leader's own view of the time to hold it back.
        var forged = lead
        forged.leasesJudgedAt = nil
        return try await withClock(ahead: Self.earliness) { [forged] in
            try await memory.expireLeases(of: forged, retries: retries)
        }
    }

    func insert(_ trials: [Trial]) async throws -> Set<Int> {
        guard breakage == .assignment, let first = trials.first, trials.count > 1 else {
            return try await memory.insertTrials(trials)
        }
        return try await memory.insertTrials(
            trials.map { trial in
                var copy = trial
                copy.suggestion = first.suggestion
                copy.assignment = first.assignment
                return copy
            }
        )
    }

    func stop(_ stops: [Int: EarlyStop], _ lead: Lead) async throws {
        var stops = stops
        if breakage == .decision { stops = stops.mapValues(Self.altered) }
        try await memory.stopTrials(stops, of: lead)
    }

    private static func altered(_ stop: EarlyStop) -> EarlyStop {
        var stop = stop
        stop.interval += 1
        return stop
    }

    func change(_ change: ExperimentChange, _ lead: Lead) async throws -> Experiment {
        let changed = try await memory.change(change, lead: lead)
        guard breakage == .ending, case .markStarted = change else { return changed }
        let lead = Lead(experiment: changed, epoch: lead.epoch, renewedAt: lead.renewedAt)
        let ending = ExperimentEnding(state: .completed, reason: .maxTrials)
        _ = try await memory.change(.decide(ending), lead: lead)
        return try await memory.change(.finish, lead: lead)
    }

    func claim(_ id: ExperimentID, _ worker: WorkerID, _ host: String, _ lease: Duration) async -> Trial? {
        if breakage == .claim, let running = await memory.trials(of: id, TrialQuery(states: [.running])).first {
            return running
        }
        return await memory.claimTrial(of: id, by: worker, host: host, lease: lease)
    }
}
