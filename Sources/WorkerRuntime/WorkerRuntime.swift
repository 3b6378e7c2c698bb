public import Coordination
public import Execution
public import ExperimentModel
public import Logging
import ResultSpool

/// A worker: as many slots as it was given, each claiming, running and reporting one trial at a time.
///
/// What an answer to a renewal means is decided by ``SlotBoard``; this actor claims, runs and writes. End it with ``drain()``
/// or ``stop()``; cancelling its task is like a crash: the leases run out.
public actor WorkerRuntime<C: Clock<Duration> & Sendable> where C.Instant: Sendable {
    /// How often an idle worker looks by itself, in case it missed an event, in poll intervals.
    static var pollsPerLook: Int { 5 }
    /// Bytes of argv that are kept with an attempt.
    static var largestKeptArgumentBytes: Int { 16 << 10 }
    /// Time that a worker that was told to stop spends on telling the store.
    static var farewellTimeout: Duration { .seconds(10) }

    let store: any WorkerStore
    let executor: any TrialExecutor
    var worker: Worker
    let options: WorkerOptions
    let settings: CoordinationSettings
    let clock: C
    let logger: Logger

    let uploads: UploadQueue
    /// Results on disk; `nil` when they are kept in memory only.
    nonisolated let results: ResultSpool?
    let outage: StoreOutageLog<C>

    var board = SlotBoard()
    /// Claims whose reply may still come.
    var claimsUnderWay = 0
    var leases: LeaseBook<C.Instant>
    /// Exclusive experiments that are not claimed from for want of a guard, so that it is said once.
    var unguarded: Set<ExperimentID> = []
    /// When an engine may be looked for again, and why there was none; see `WorkerRuntime+Containers.swift`.
    var nextRuntimeSearch: C.Instant?
    var runtimeObstacle: String?
    var controls: [TrialID: AttemptControl] = [:]
    var rotation = ExperimentRotation()
    var isRotationStale = true
    var isRefreshing = false
    var isDraining = false
    var isStopping = false
    /// The drain time-out is over: what a claim that was under way still brings must not run.
    var isDrainOver = false
    var farewell: C.Instant?
    var lastBusy: C.Instant
    /// Whether a slot has asked for work and there was none: before that nobody can say that this worker is idle.
    var hasFoundNoWork = false
    /// There may be trials of which no event told: whoever finds one lets the next idle slot look as well.
    var isSweeping = true
    /// Grows with every sign of work, so that a slot that looked before the sign does not sleep through it.
    var generation = 0
    let idle = IdleSlots()
    /// Slots that rest after a trouble of this machine; see `WorkerRuntime+Troubles.swift`.
    var resting: [Int: CheckedContinuation<Void, Never>] = [:]
    /// Waits of slots that met a trouble the last time they had a trial.
    var troubles: [Int: Backoff] = [:]
    /// What was last said about GPUs that no slot could have.
    var deviceComplaint: String?
    let alarms = AlarmQueue<C.Instant>()
    /// When alarms for trials ring that are set and have not rung.
    var workAlarms: [C.Instant] = []
    /// Whether alarms ring; not any more when the worker has ended or was cancelled.
    var isTimeKept = true
    let renewals = Signal()
    let drains = Signal()
    let stops = Signal()
    let leaseChanges = Signal()
    let replays = Signal()
    /// Attempts of this worker whose result the store has refused: it stays on disk, and is tried again from time to time.
    var parked: [TrialID: Int] = [:]
    /// What was said and stays as it is, such as results of others that the store does not take.
    var saidOnce: Set<String> = []

    /// A worker that has not begun.
    public init(
        store: any WorkerStore,
        executor: any TrialExecutor,
        worker: Worker,
        options: WorkerOptions,
        settings: CoordinationSettings,
        clock: C,
        logger: Logger
    ) {
        self.store = store
        self.executor = executor
        self.worker = worker
        self.options = options
        self.settings = settings
        self.clock = clock
        self.logger = logger
        uploads = UploadQueue(
            UploadQueue.Writes(
                record: { try await store.record($0) },
                appendLog: { try await store.appendLog($0) }
            ),
            spoolDirectory: options.spoolDirectory,
            logger: logger
        )
        results = options.resultDirectory.map {
            ResultSpool(workDirectory: $0, worker: worker.id, logger: logger)
        }
        outage = StoreOutageLog(
            clock: clock,
            logger: logger,
            consequence: "trials run on, and their results wait"
        )
        lastBusy = clock.now
        leases = LeaseBook(lease: settings.trialLease)
    }

    /// Works until told to leave.
    public func run() async {
        await introduce()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.listen() }
            group.addTask { await self.look() }
            group.addTask { await self.keepRenewing() }
            group.addTask { await self.tickRenewals() }
            group.addTask { await self.keepLeaseEnds() }
            group.addTask { await self.keepTime() }
            group.addTask { await self.limitDrain() }
            group.addTask { await self.limitFarewell() }
            group.addTask { await self.keepReplaying() }
            group.addTask { await self.tickReplays() }
            group.addTask { [uploads, clock] in await uploads.run(clock: clock) }
            await withTaskGroup(of: Void.self) { slots in
                for slot in 0..<options.slots { slots.addTask { await self.serve(slot) } }
            }
            group.cancelAll()
        }
        await results?.close()
        // Nothing is lost without it, and a store that is away would only hold up the end.
        if outage.isAway { return }
        do {
            try await store.unregister(worker.id)
        } catch {
            logger.warning("could not sign off: \(error)")
        }
    }

    /// Stops claiming; running trials may go on for the drain time-out, then they are stopped and given back.
    public func drain() async {
        guard !isDraining else { return }
        isDraining = true
        wakeResting()
        logger.info("leaving: \(board.held.count) trials may run on for \(options.drainTimeout)")
        idle.wakeAll()
        drains.send()
        worker.isDraining = true
        // Tells the store, which helps the leader to plan. Not from here: that might come after the worker has signed off.
        renewals.send()
    }

    /// Stops claiming and ends every trial now; they are given back without charge.
    public func stop() {
        isDraining = true
        isStopping = true
        farewell = clock.now.advanced(by: Self.farewellTimeout)
        stopAll(immediately: true)
        wakeResting()
        stops.send()
        idle.wakeAll()
    }

    func stopAll(immediately: Bool) {
        for (_, control) in controls.sorted(by: { $0.key < $1.key }) {
            control.stop(.drained, immediately: immediately)
        }
    }
}
