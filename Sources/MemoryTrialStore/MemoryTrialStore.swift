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
    /// Reports that policies look at, in the order of their positions.
    var objectiveReports: [ExperimentID: [ObjectiveReport]] = [:]
    var lastPosition = ReportPosition.start
    var storedLog: [LogKey: LogChunk] = [:]
    var storedFiles: [StoredFileName: KeptFile] = [:]
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
}
