import Coordination
import ExperimentModel
import MemoryTrialStore

/// What a server and people ask of the store.
extension StoreLink: TrialStore {
    func prepare() async throws {}

    func now() async throws -> Timestamp { try await call(.read("now")) { await $0.memory.now() } }

    func createExperiment(_ definition: ExperimentDefinition, id: ExperimentID) async throws -> Experiment {
        try await call(.create(id)) { try await $0.memory.createExperiment(definition, id: id) }
    }

    func experiment(_ id: ExperimentID) async throws -> Experiment? {
        try await call(.read("experiment \(id)")) { await $0.memory.experiment(id) }
    }

    func requestEnd(of id: ExperimentID, _ ending: ExperimentEnding) async throws -> Experiment? {
        try await call(.requestEnd(id, ending)) { await $0.memory.requestEnd(of: id, ending) }
    }

    func setPaused(_ isPaused: Bool, experiment id: ExperimentID) async throws -> Experiment? {
        try await call(.setPaused(id, isPaused)) { await $0.memory.setPaused(isPaused, experiment: id) }
    }

    func replaceLimits(of id: ExperimentID, from old: Limits, to new: Limits) async throws -> Experiment? {
        try await call(.replaceLimits(id, from: old, to: new)) {
            try await $0.memory.replaceLimits(of: id, from: old, to: new)
        }
    }

    func enqueue(_ point: EnqueuedPoint, experiment id: ExperimentID) async throws -> Experiment? {
        try await call(.enqueue(id, point)) { try await $0.memory.enqueue(point, experiment: id) }
    }

    func retryTrial(_ id: TrialID) async throws -> Trial? {
        try await call(.retry(id)) { try await $0.memory.retryTrial(id) }
    }

    // MARK: Lead

    func takeLead(of id: ExperimentID, as leader: String, lease: Duration) async throws -> Lead? {
        try await call(.takeLead(id, leader: leader)) { await $0.memory.takeLead(of: id, as: leader, lease: lease) }
    }

    func renewLead(_ lead: Lead, lease: Duration) async throws -> Lead? {
        try await call(.renewLead(lead)) { await $0.memory.renewLead(await $0.seen(lead), lease: lease) }
    }

    func releaseLead(_ lead: Lead) async throws {
        try await call(.releaseLead(lead)) { await $0.memory.releaseLead(lead) }
    }

    func change(_ change: ExperimentChange, lead: Lead) async throws -> Experiment {
        try await call(.change(change, lead)) { try await $0.change(change, await $0.seen(lead)) }
    }

    func reserveTrials(_ count: Int, lead: Lead) async throws -> Experiment {
        try await call(.reserve(count, lead)) { try await $0.reserve(count, await $0.seen(lead)) }
    }

    @discardableResult
    func insertTrials(_ trials: [Trial]) async throws -> Set<Int> {
        guard let id = trials.first?.id.experiment else { return [] }
        guard network.weather.isPiecemeal, trials.count > 1 else {
            return try await call(.insert(id, trials)) { try await $0.insert(trials) }
        }
        let count = 1 + network.draws.number(below: trials.count - 1)
        var known: Set<Int> = []
        for part in [Array(trials.prefix(count)), Array(trials.dropFirst(count))] {
            known.formUnion(try await call(.insert(id, part)) { try await $0.insert(part) })
        }
        return known
    }

    func expireLeases(of lead: Lead, retries: RetryLimits) async throws -> [Trial] {
        try await call(.expire(lead)) { try await $0.expire(await $0.seen(lead), retries) }
    }

    func cancelNewTrials(of lead: Lead, only numbers: [Int]?) async throws -> [Trial] {
        try await call(.cancelNew(lead, only: numbers)) {
            try await $0.memory.cancelNewTrials(of: await $0.seen(lead), only: numbers)
        }
    }

    func orderRunningTrials(_ order: TrialOrder, of lead: Lead, only attempts: [Int: Int]?) async throws {
        try await call(.order(lead)) {
            try await $0.memory.orderRunningTrials(order, of: await $0.seen(lead), only: attempts)
        }
    }

    func stopTrials(_ stops: [Int: EarlyStop], of lead: Lead) async throws {
        try await call(.stop(lead, stops)) { try await $0.stop(stops, await $0.seen(lead)) }
    }

    func carryOutRetries(of lead: Lead) async throws -> [Trial] {
        try await call(.carryOutRetries(lead)) { try await $0.memory.carryOutRetries(of: await $0.seen(lead)) }
    }

    func askToLeave(_ worker: WorkerID) async throws -> Worker? {
        try await call(.aside("askToLeave \(worker)")) { await $0.memory.askToLeave(worker) }
    }

    func liveWorkers(within liveness: Duration) async throws -> [Worker] {
        try await call(.read("liveWorkers")) { await $0.memory.liveWorkers(within: liveness) }
    }
}
