public import Coordination
public import ExperimentModel

/// A store that lives and dies with its process: for the tests, for simulation, and for tuning inside one program.
///
/// It keeps the rules of `TrialStore` exactly, with an injected clock in place of the database's.
public actor MemoryTrialStore: TrialStore {
    /// All trials of one experiment.
    struct Record {
        var experiment: Experiment
        /// Ids of `experiment.enqueued`.
        var enqueuedIDs: Set<String> = []
        var trials: [Int: Trial] = [:]
        /// Numbers of trials in state `new`, so that a claim does not look at finished ones.
        var newNumbers: Set<Int> = []
        /// Numbers of trials in state `running`.
        var runningNumbers: Set<Int> = []
        /// What no document tells, in the order of happening, by key.
        var events: [ExperimentEvent] = []
        var eventKeys: Set<String> = []
    }

    struct ObservationKey: Hashable {
        var trial: TrialID
        var attempt: Int
        var sequence: Int
    }

    struct LogKey: Hashable {
        var trial: TrialID
        var attempt: Int
        var stream: LogChunk.Stream
        var sequence: Int
    }

    var records: [ExperimentID: Record] = [:]
    var order: [ExperimentID] = []
    /// Experiments that are marked as deleted; no other call sees them.
    var deleted: [ExperimentID: Record] = [:]
    /// Pieces of output that stand in the place of removed ones.
    var logNotes: Set<LogKey> = []
    var workers: [WorkerID: Worker] = [:]
    var storedObservations: [ObservationKey: Observation] = [:]
    var storedLog: [LogKey: LogChunk] = [:]
    let clock: @Sendable () -> Timestamp
    nonisolated let watchers = Watchers()

    /// An empty store.
    /// - Parameter clock: the store's time; it must never go back.
    public init(clock: @escaping @Sendable () -> Timestamp) {
        self.clock = clock
    }

    /// Nothing to prepare.
    public func prepare() {}

    /// The injected clock.
    public func now() -> Timestamp { clock() }

    // MARK: Experiments

    /// See `TrialStore`.
    public func createExperiment(_ definition: ExperimentDefinition, id: ExperimentID) throws -> Experiment {
        if let known = records[id] {
            guard known.experiment.definition == definition else { throw TrialStoreError.experimentExists(id) }
            return known.experiment
        }
        if deleted[id] != nil { throw TrialStoreError.experimentExists(id) }
        let experiment = Experiment(id: id, definition: definition, createdAt: clock())
        records[id] = Record(experiment: experiment)
        order.append(id)
        watchers.send(.experiment(id))
        return experiment
    }

    /// See `TrialStore`.
    public func experiment(_ id: ExperimentID) -> Experiment? { records[id]?.experiment }

    /// See `TrialStore`.
    public func experiments(_ query: ExperimentQuery) -> [Experiment] {
        let now = clock()
        let matching = order.compactMap { records[$0]?.experiment }.filter { experiment in
            if let name = query.name, experiment.definition.name != name { return false }
            if query.isUnfinishedOnly || query.isLeaderlessOnly, experiment.state.isTerminal { return false }
            if query.isLeaderlessOnly, let lead = experiment.lead, lead.leaseUntil > now { return false }
            return true
        }
        return Array(matching.suffix(query.newest ?? matching.count))
    }

    /// See `TrialStore`.
    public func requestEnd(of id: ExperimentID, _ ending: ExperimentEnding) -> Experiment? {
        let result = change(id) { experiment in
            if !experiment.state.isTerminal, experiment.ending == nil { experiment.ending = ending }
        }
        note(result.flatMap { .decided(ending, $0) })
        return result
    }

    /// See `TrialStore`.
    public func setPaused(_ isPaused: Bool, experiment id: ExperimentID) -> Experiment? {
        let now = clock()
        let wasPaused = records[id]?.experiment.state == .paused
        let result = change(id) { experiment in
            switch (experiment.state, isPaused) {
            case (.created, true), (.running, true):
                experiment.state = .paused
                experiment.pausedAt = now
            case (.paused, false):
                experiment.state = .running
                if let pausedAt = experiment.pausedAt, experiment.startedAt != nil {
                    experiment.pausedMilliseconds += (now - pausedAt).wholeMilliseconds
                }
                experiment.pausedAt = nil
            default: break
            }
        }
        if isPaused { note(result.flatMap { .paused($0) }) } else if wasPaused { note(.resumed(id, at: now)) }
        return result
    }

    func change(_ id: ExperimentID, _ body: (inout Experiment) -> Void) -> Experiment? {
        guard var experiment = records[id]?.experiment else { return nil }
        let before = experiment
        body(&experiment)
        if experiment != before {
            records[id]?.experiment = experiment
            watchers.send(.experiment(id))
        }
        return experiment
    }

    // MARK: Lead

    /// See `TrialStore`.
    public func takeLead(of id: ExperimentID, as leader: String, lease: Duration) -> Lead? {
        guard var experiment = records[id]?.experiment, !experiment.state.isTerminal else { return nil }
        let now = clock()
        if let lead = experiment.lead, lead.leaseUntil > now, lead.leader != leader { return nil }
        experiment.epoch += 1
        experiment.lead = LeadRecord(leader: leader, leaseUntil: now + lease)
        records[id]?.experiment = experiment
        let lead = Lead(experiment: experiment, epoch: experiment.epoch, renewedAt: now)
        note(.led(lead))
        return lead
    }

    /// See `TrialStore`.
    public func renewLead(_ lead: Lead, lease: Duration) -> Lead? {
        guard var experiment = records[lead.id]?.experiment, experiment.epoch == lead.epoch else { return nil }
        let now = clock()
        experiment.lead?.leaseUntil = now + lease
        records[lead.id]?.experiment = experiment
        return Lead(experiment: experiment, epoch: lead.epoch, renewedAt: now)
    }

    /// See `TrialStore`.
    public func releaseLead(_ lead: Lead) {
        guard records[lead.id]?.experiment.epoch == lead.epoch else { return }
        records[lead.id]?.experiment.lead = nil
        watchers.send(.experiment(lead.id))
    }

    /// See `TrialStore`.
    public func change(_ change: ExperimentChange, lead: Lead) throws -> Experiment {
        try fence(lead)
        let now = clock()
        let changed = self.change(lead.id) { experiment in
            switch change {
            case .begin:
                if experiment.state == .created { experiment.state = .running }
            case .markStarted(let start):
                experiment.startedAt = min(experiment.startedAt ?? start, start)
            case .decide(let ending):
                let isKnown = experiment.revision == lead.experiment.revision
                if !experiment.state.isTerminal, experiment.ending == nil, isKnown { experiment.ending = ending }
            case .finish:
                if let ending = experiment.ending, !experiment.state.isTerminal {
                    experiment.state = ending.state
                    experiment.finishedAt = now
                }
            }
        }
        guard let changed else { throw TrialStoreError.noSuchExperiment(lead.id) }
        if case .decide(let ending) = change { note(.decided(ending, changed)) }
        if change == .finish { note(.ended(changed)) }
        return changed
    }

    /// See `TrialStore`.
    public func reserveTrials(_ count: Int, lead: Lead) throws -> Experiment {
        try fence(lead)
        let reserved = change(lead.id) { experiment in
            guard experiment.ending == nil, !experiment.state.isTerminal else { return }
            let wanted = experiment.nextTrial + count
            let most = experiment.limits.maxTrials.map { $0 + 1 } ?? wanted
            experiment.nextTrial = max(experiment.nextTrial, min(wanted, most))
        }
        guard let reserved else { throw TrialStoreError.noSuchExperiment(lead.id) }
        return reserved
    }

    func fence(_ lead: Lead) throws {
        guard let current = records[lead.id] else { throw TrialStoreError.noSuchExperiment(lead.id) }
        guard current.experiment.epoch == lead.epoch else { throw TrialStoreError.leadLost(lead.id) }
    }

    /// See `TrialStore`.
    @discardableResult
    public func insertTrials(_ trials: [Trial]) throws -> Set<Int> {
        var known: Set<Int> = []
        for trial in trials {
            guard let record = records[trial.id.experiment] else {
                throw TrialStoreError.noSuchExperiment(trial.id.experiment)
            }
            if record.trials[trial.id.number] == nil { put(trial) } else { known.insert(trial.id.number) }
        }
        return known
    }

    /// See `TrialStore`.
    public func expireLeases(of lead: Lead, retries: RetryLimits) throws -> [Trial] {
        try fence(lead)
        guard let record = records[lead.id] else { return [] }
        let now = clock()
        return record.runningNumbers.sorted().compactMap { number in
            guard var trial = record.trials[number], trial.hasExpired(at: now) else { return nil }
            trial.end(with: .lost(worker: trial.owner), retries: retries, at: now)
            put(trial)
            return trial
        }
    }

    /// See `TrialStore`.
    public func cancelNewTrials(of lead: Lead, only numbers: [Int]?) throws -> [Trial] {
        try fence(lead)
        guard let record = records[lead.id] else { return [] }
        let now = clock()
        let wanted = numbers.map { record.newNumbers.intersection($0) } ?? record.newNumbers
        return wanted.sorted().compactMap { number in
            guard var trial = record.trials[number] else { return nil }
            trial.cancel(at: now)
            put(trial)
            return trial
        }
    }

    /// See `TrialStore`.
    public func orderRunningTrials(_ order: TrialOrder, of lead: Lead) throws {
        try fence(lead)
        guard let record = records[lead.id] else { return }
        for number in record.runningNumbers.sorted() {
            guard var trial = record.trials[number], trial.order == nil else { continue }
            trial.order = order
            trial.version += 1
            put(trial)
        }
    }

    /// Stores a trial and tells the watchers; the only place that writes trials.
    func put(_ trial: Trial) {
        let number = trial.id.number
        let id = trial.id.experiment
        records[id]?.trials[number] = trial
        records[id]?.newNumbers.remove(number)
        records[id]?.runningNumbers.remove(number)
        if trial.state == .new { records[id]?.newNumbers.insert(number) }
        if trial.state == .running { records[id]?.runningNumbers.insert(number) }
        watchers.send(.trial(trial))
    }

    // MARK: Workers

    /// See `TrialStore`.
    public func register(_ worker: Worker) {
        var worker = worker
        worker.lastSeen = clock()
        let isNews = workers[worker.id].map { $0.slots != worker.slots || $0.isDraining != worker.isDraining } ?? true
        workers[worker.id] = worker
        if isNews { watchers.send(.workers) }
    }

    /// See `TrialStore`.
    public func unregister(_ worker: WorkerID) {
        workers[worker] = nil
        watchers.send(.workers)
    }

    /// See `TrialStore`.
    public func liveWorkers(within liveness: Duration) -> [Worker] {
        let now = clock()
        return workers.values.filter { $0.lastSeen + liveness > now }.sorted { $0.id.rawValue < $1.id.rawValue }
    }

    /// See `TrialStore`.
    public func claimTrial(
        of experiment: ExperimentID,
        by worker: WorkerID,
        host: String,
        lease: Duration
    ) -> Trial? {
        guard let record = records[experiment] else { return nil }
        let now = clock()
        let due = record.newNumbers.filter { number in
            guard let notBefore = record.trials[number]?.notBefore else { return true }
            return notBefore <= now
        }
        guard let number = due.min(), var trial = record.trials[number] else { return nil }
        trial.claim(by: worker, host: host, at: now, lease: lease)
        put(trial)
        return trial
    }

    /// See `TrialStore`.
    public func renewLeases(of worker: WorkerID, lease: Duration) -> [HeldTrial] {
        let until = clock() + lease
        var held: [HeldTrial] = []
        for (id, record) in records {
            for number in record.runningNumbers {
                guard let trial = record.trials[number], trial.owner == worker else { continue }
                // A renewal is no change that anyone waits for: neither version nor event.
                records[id]?.trials[number]?.leaseUntil = until
                held.append(HeldTrial(id: trial.id, attempt: trial.attempt, order: trial.order))
            }
        }
        return held.sorted { $0.id < $1.id }
    }

    /// See `TrialStore`.
    public func finish(_ claimed: Trial, with outcome: AttemptOutcome, retries: RetryLimits) -> FinishResult {
        guard var trial = records[claimed.id.experiment]?.trials[claimed.id.number] else { return .leaseLost }
        guard trial.state == .running, trial.attempt == claimed.attempt, trial.owner == claimed.owner else {
            return FinishResult(repeating: claimed, outcome, on: trial)
        }
        trial.end(with: outcome, retries: retries, at: clock())
        put(trial)
        return .accepted(trial.state)
    }

    /// See `TrialStore`.
    public func record(_ observations: [Observation]) {
        for observation in observations {
            let key = ObservationKey(
                trial: observation.trial,
                attempt: observation.attempt,
                sequence: observation.sequence
            )
            if storedObservations[key] == nil { storedObservations[key] = observation }
        }
    }

    /// See `TrialStore`.
    public func appendLog(_ chunks: [LogChunk]) {
        for chunk in chunks {
            let key = LogKey(
                trial: chunk.trial,
                attempt: chunk.attempt,
                stream: chunk.stream,
                sequence: chunk.sequence
            )
            if storedLog[key] == nil { storedLog[key] = chunk }
        }
    }

    // MARK: Reading

    /// See `TrialStore`.
    public func trials(of experiment: ExperimentID, _ query: TrialQuery) -> [Trial] {
        guard let record = records[experiment] else { return [] }
        let numbers = Set(query.orNumbers)
        return record.trials.values
            .filter { query.states?.contains($0.state) ?? true || numbers.contains($0.id.number) }
            .sorted { $0.id < $1.id }
    }

    /// See `TrialStore`.
    public func trialCounts(of experiment: ExperimentID) -> [TrialState: Int] {
        Dictionary(grouping: records[experiment]?.trials.values.map(\.state) ?? []) { $0 }.mapValues(\.count)
    }

    /// See `TrialStore`.
    public func bestTrial(of experiment: ExperimentID) -> Trial? {
        guard let record = records[experiment] else { return nil }
        let objective = record.experiment.definition.objective
        let done = record.trials.values.compactMap { trial in
            trial.state == .done ? trial.value.map { (loss: objective.loss(of: $0), trial: trial) } : nil
        }
        return done.min { ($0.loss, $0.trial.id.number) < ($1.loss, $1.trial.id.number) }?.trial
    }

    /// See `TrialStore`.
    public func observations(of trial: TrialID) -> [Observation] {
        storedObservations.values.filter { $0.trial == trial }
            .sorted { ($0.attempt, $0.sequence) < ($1.attempt, $1.sequence) }
    }

    /// See `TrialStore`.
    public func log(of trial: TrialID, attempt: Int) -> [LogChunk] {
        storedLog.values.filter { $0.trial == trial && $0.attempt == attempt }
            .sorted { ($0.stream.rawValue, $0.sequence) < ($1.stream.rawValue, $1.sequence) }
    }

    /// See `TrialStore`.
    public nonisolated func watch(_ scope: WatchScope) -> AsyncStream<StoreEvent> {
        watchers.add(scope)
    }
}
