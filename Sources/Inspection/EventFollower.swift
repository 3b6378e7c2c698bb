public import Coordination
public import ExperimentModel

/// Tells what happens to an experiment, each event once.
public struct EventFollower: Sendable {
    /// How far back stored events are read again: one may be stored a little after the moment that it tells of.
    static let overlap: Duration = .seconds(10)

    private let store: any TrialStore
    private let id: ExperimentID
    private let trial: Int?
    private var tracker = TrialTracker()
    private var stored: [ExperimentEvent] = []
    private var told: Set<ExperimentEvent> = []
    private var experiment: Experiment?
    private var trialVersions: [Int: Int] = [:]

    /// A follower that has told nothing yet.
    /// - Parameter trial: only what happens to this trial; `nil` means everything.
    public init(store: any TrialStore, experiment: ExperimentID, trial: Int? = nil) {
        self.store = store
        id = experiment
        self.trial = trial
    }

    /// Whether nothing more can come; until a person reopens the experiment.
    public private(set) var isFinished = false

    /// Looks at everything that may have changed. - Returns: what is new, oldest first.
    public mutating func refresh() async throws -> [ExperimentEvent] {
        try await readExperiment()
        guard let experiment else { return [] }
        let query = trial.map(TrialQuery.number) ?? tracker.query(experiment)
        let trials = try await store.trials(of: id, query)
        tracker.see(read: trials)
        try await readStored()
        let new = tell(trials)
        isFinished = experiment.state.isTerminal
        return new
    }

    /// Looks at the experiment and at what is stored of it.
    public mutating func look() async throws -> [ExperimentEvent] {
        try await readExperiment()
        // The trials of the end are read together with it.
        if experiment?.state.isTerminal == true { return try await refresh() }
        try await readStored()
        return tell([])
    }

    /// Takes note of a trial as it is.
    public mutating func see(_ found: Trial) async throws -> [ExperimentEvent] {
        guard found.id.experiment == id, trial == nil || trial == found.id.number else { return [] }
        if let version = trialVersions[found.id.number], version >= found.version { return [] }
        tracker.see(found)
        if found.state == .new, found.attempt > 0 { try await readStored() }
        return tell([found])
    }

    private mutating func readExperiment() async throws {
        guard let found = try await store.experiment(id) else { throw TrialStoreError.noSuchExperiment(id) }
        experiment = found
    }

    /// To be called after trials were read: whether one was requeued or retried is known by what is stored, which is stored
    /// before the trial changes.
    private mutating func readStored() async throws {
        let since = stored.last.map { $0.at - Self.overlap }
        let known = Set(stored)
        stored += try await store.events(of: id, since: since).filter { !known.contains($0) }
        stored.sort { $0.at < $1.at }
    }

    /// Whether an end was stored after the experiment was read, so that what led to it has not been read.
    private func isAhead(_ event: ExperimentEvent) -> Bool {
        guard event.kind == .ended, let experiment, !experiment.state.isTerminal else { return false }
        return event.at > experiment.reopenedAt ?? experiment.createdAt
    }

    private mutating func tell(_ trials: [Trial]) -> [ExperimentEvent] {
        guard let experiment else { return [] }
        for found in trials { trialVersions[found.id.number] = found.version }
        let new = ExperimentEvents.timeline(experiment, trials: trials, stored: stored).filter { event in
            !told.contains(event) && !isAhead(event) && (trial == nil || event.trial == trial)
        }
        told.formUnion(new)
        return new
    }
}

extension Timestamp {
    fileprivate static func - (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(milliseconds: left.milliseconds - right.wholeMilliseconds)
    }
}
