public import Coordination
public import ExperimentModel
import Inspection
import Synchronization

/// Keeps a ``LiveSnapshot`` of an experiment up to date by reading the store.
///
/// The reads are bounded whatever the size of the experiment: none reads all trials, none comes sooner than ten times what the
/// last one took, and of observations only those of the trials that are shown are read.
public final class LiveFeed<C: Clock<Duration>>: Sendable {
    /// Shortest time between two reads.
    public static var shortestPause: Duration { .milliseconds(250) }
    /// A read may take one part of the time in so many.
    static var restFactor: Int { 10 }
    /// Longest time between two reads.
    static var longestPause: Duration { .seconds(5) }
    /// Pause after a read that failed.
    static var retryPause: Duration { .seconds(1) }
    /// How long the store may take before that is worth a word.
    static var silencePatience: Duration { .seconds(3) }
    /// Pages of reports that one reading of a curve brings; a long curve is made up for by the next ones.
    static var curvePages: Int { 4 }
    /// How often elapsed times move on and observations are read.
    public static var tick: Duration { .seconds(1) }

    private struct State {
        var snapshot: LiveSnapshot
        var readAt: C.Instant
        var askingSince: C.Instant?
        var standstillSince: C.Instant?
        var rate = RateEstimate()
        var isStale = true
        /// Curves of running trials, by number.
        var curves: [Int: CurveReader] = [:]
        var watchers: [AsyncStream<Void>.Continuation] = []
    }

    private let store: any TrialStore
    private let id: ExperimentID
    private let lease: Duration
    private let interval: Duration?
    private let clock: C
    private let start: C.Instant
    private let state: Mutex<State>

    /// A feed that has read nothing yet but the experiment.
    /// - Parameters:
    ///   - lease: how long a claim or a renewal of a trial lasts, and a worker counts as live after its last sign.
    ///   - interval: read so often, without listening to the store; `nil`: when the store tells of a change.
    public init(
        store: any TrialStore,
        experiment: Experiment,
        lease: Duration,
        every interval: Duration? = nil,
        isOurRun: Bool,
        clock: C
    ) {
        self.store = store
        id = experiment.id
        self.lease = lease
        self.interval = interval
        self.clock = clock
        start = clock.now
        let snapshot = LiveSnapshot(
            experiment: experiment,
            now: experiment.createdAt,
            lease: lease,
            isOurRun: isOurRun
        )
        state = Mutex(State(snapshot: snapshot, readAt: start))
    }

    /// One element whenever there is something new to show; the newest stands for all.
    public func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.watchers.append(continuation) }
        return stream
    }

    /// The picture as of this moment.
    public var snapshot: LiveSnapshot {
        let now = clock.now
        return state.withLock { state in
            var snapshot = state.snapshot
            snapshot.now = snapshot.now + state.readAt.duration(to: now)
            snapshot.standstill = state.standstillSince.map { $0.duration(to: now) }
            if let since = state.askingSince, since.duration(to: now) >= Self.silencePatience {
                snapshot.silence = since.duration(to: now)
            }
            snapshot.ratePerMinute = state.rate.perMinute(at: start.duration(to: now)) ?? Self.averageRate(snapshot)
            return snapshot
        }
    }

    /// Outcomes since the beginning by the time since then, for those who came late.
    private static func averageRate(_ snapshot: LiveSnapshot) -> Double? {
        guard snapshot.finished > 0, let seconds = snapshot.activeSeconds, seconds >= 1 else { return nil }
        return Double(snapshot.finished) / seconds * 60
    }

    /// Reads until the task is cancelled.
    /// - Throws: what the store throws and cannot be tried again; ``TrialStoreError/noSuchExperiment(_:)`` when the experiment
    ///   was deleted.
    public func run() async throws {
        let (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            if interval == nil {
                group.addTask {
                    for await event in self.store.watch(.everything) where self.concerns(event) {
                        self.state.withLock { $0.isStale = true }
                        wakeUp.yield()
                    }
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    wakeUp.yield()
                    // Cancelling ends the sleep, and the condition ends the loop.
                    try? await self.clock.sleep(for: self.interval ?? Self.tick)
                }
            }
            group.addTask {
                for await _ in wakeUps { try await self.step() }
            }
            // None ends before it is cancelled, but by an error, or when the store's events end.
            while try await group.next() != nil {}
        }
    }

    private func concerns(_ event: StoreEvent) -> Bool {
        switch event {
        case .trial(let trial): trial.id.experiment == id
        case .change(let change): change.id.experiment == id
        case .experiment(let experiment): experiment == id
        case .resync, .workers: true
        case .report, .work, .delayed, .orders, .leave: false
        }
    }

    private func step() async throws {
        let before = clock.now
        let isDue = state.withLock { state in
            let age = state.readAt.duration(to: before)
            defer { state.isStale = false }
            // The store does not tell of a lead that goes on, nor of one that has run out.
            let hasLeadRunOut = state.snapshot.leadTime.map { $0 > .zero && $0 <= age } ?? false
            return interval != nil || state.isStale || age >= Self.longestPause || hasLeadRunOut
                || state.askingSince != nil
        }
        var pause: Duration
        do {
            if isDue { try await refresh() } else { try await readCurves() }
            pause = max(Self.shortestPause, before.duration(to: clock.now) * Self.restFactor)
        } catch let error as TrialStoreError where error.isRetryable {
            pause = Self.retryPause
        }
        announce()
        pause = min(pause, Self.longestPause)
        // Cancelling ends the sleep, and the caller's loop.
        try? await clock.sleep(for: pause)
    }

    /// Reads everything now.
    public func refresh() async throws {
        state.withLock { $0.askingSince = $0.askingSince ?? clock.now }
        let known = state.withLock { $0.snapshot }
        guard let experiment = try await store.experiment(id) else { throw TrialStoreError.noSuchExperiment(id) }
        // At once: leases are judged by it, and the other reads may take long.
        let now = try await store.now()
        let instant = clock.now
        let counts = try await store.trialCounts(of: id)
        let isBestKnown = counts[.done] == known.counts[.done]
        let best = isBestKnown ? known.best : try await store.bestTrial(of: id)
        let areFailuresKnown = counts[.failed, default: 0] == known.failures.values.reduce(0, +)
        let failures = areFailuresKnown ? known.failures : try await store.failureCauses(of: id)
        let stopped = try await stopped(experiment, isKnown: isBestKnown, known.stopped)
        let open = try await store.trials(of: id, TrialQuery(states: [.running], orDelayed: true))
        let running = open.filter { $0.state == .running }
        let workers = experiment.state.isTerminal ? [] : try await store.liveWorkers(within: lease)
        let curves = try await curves(of: running, experiment)
        state.withLock { state in
            state.snapshot.experiment = experiment
            state.snapshot.counts = counts
            state.snapshot.best = best
            state.snapshot.running = curves
            state.snapshot.delayed = open.filter { $0.state == .new }
            state.snapshot.failures = failures
            state.snapshot.stopped = stopped
            state.snapshot.workers = workers
            state.snapshot.now = now
            state.snapshot.readAt = now
            state.readAt = instant
            state.askingSince = nil
            let moment = start.duration(to: instant)
            state.rate.note(finished: state.snapshot.finished, at: moment, isIdle: running.isEmpty)
            let isStanding = state.snapshot.count(.new) > 0 && running.isEmpty
            state.standstillSince = isStanding ? state.standstillSince ?? instant : nil
        }
    }

    /// How many trials were stopped early; asked for only where that can be, and when trials have come to their end.
    private func stopped(_ experiment: Experiment, isKnown: Bool, _ known: Int) async throws -> Int {
        guard !experiment.definition.earlyTermination.isEmpty else { return 0 }
        return isKnown ? known : try await store.stoppedCount(of: id)
    }

    private func readCurves() async throws {
        let known = state.withLock { $0.snapshot }
        guard !known.running.isEmpty else { return }
        state.withLock { $0.askingSince = $0.askingSince ?? clock.now }
        let curves = try await curves(of: known.running.map(\.trial), known.experiment)
        state.withLock { state in
            state.snapshot.running = curves
            state.askingSince = nil
        }
    }

    private func curves(of trials: [Trial], _ experiment: Experiment) async throws -> [LiveSnapshot.RunningTrial] {
        var rows = trials.map { LiveSnapshot.RunningTrial(trial: $0) }
        let known = state.withLock { $0.curves }
        var readers: [Int: CurveReader] = [:]
        for index in rows.indices.prefix(LiveLayout.largestRunningRows) {
            let trial = rows[index].trial
            var reader = CurveReader(trial.id, attempt: trial.attempt, experiment.definition.objective)
            if let found = known[trial.id.number], found.attempt == trial.attempt { reader = found }
            try await reader.readOn(store, pages: Self.curvePages)
            readers[trial.id.number] = reader
            rows[index].curve = reader.curve.reports > 0 ? reader.curve : nil
        }
        state.withLock { [readers] in $0.curves = readers }
        return rows
    }

    private func announce() {
        for watcher in state.withLock({ $0.watchers }) { watcher.yield() }
    }
}
