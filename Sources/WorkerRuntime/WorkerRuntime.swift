public import Coordination
public import Execution
public import ExperimentModel
public import Logging

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

    private let store: any WorkerStore
    private let executor: any TrialExecutor
    private var worker: Worker
    private let options: WorkerOptions
    private let settings: CoordinationSettings
    private let clock: C
    private let logger: Logger

    private let uploads: UploadQueue

    private var board = SlotBoard()
    private var controls: [TrialID: AttemptControl] = [:]
    private var rotation = ExperimentRotation()
    private var isRotationStale = true
    private var isRefreshing = false
    private var isDraining = false
    private var isStopping = false
    /// The drain time-out is over: what a claim that was under way still brings must not run.
    private var isDrainOver = false
    private var farewell: C.Instant?
    private var lastBusy: C.Instant
    /// There may be trials of which no event told: whoever finds one lets the next idle slot look as well.
    private var isSweeping = true
    /// Grows with every sign of work, so that a slot that looked before the sign does not sleep through it.
    private var generation = 0
    private var idle: [Int: CheckedContinuation<Void, Never>] = [:]
    private let renewals = Signal()
    private let drains = Signal()
    private let stops = Signal()

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
        lastBusy = clock.now
    }

    /// Works until told to leave.
    public func run() async {
        await introduce()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.listen() }
            group.addTask { await self.look() }
            group.addTask { await self.keepRenewing() }
            group.addTask { await self.tickRenewals() }
            group.addTask { await self.limitDrain() }
            group.addTask { await self.limitFarewell() }
            group.addTask { [uploads, clock] in await uploads.run(clock: clock) }
            await withTaskGroup(of: Void.self) { slots in
                for slot in 0..<options.slots { slots.addTask { await self.serve(slot) } }
            }
            group.cancelAll()
        }
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
        logger.info("leaving: \(board.held.count) trials may run on for \(options.drainTimeout)")
        wakeAll()
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
        stops.send()
        wakeAll()
    }

    private func stopAll(immediately: Bool) {
        for control in controls.values { control.stop(.drained, immediately: immediately) }
    }

    // MARK: Background

    private func introduce() async {
        var backoff = Backoff()
        while !isDraining, !Task.isCancelled {
            do {
                return try await store.register(worker)
            } catch {
                logger.warning("\(error)")
                // Cancelling ends the sleep, and the condition ends the loop.
                try? await clock.sleep(for: backoff.next())
            }
        }
    }

    private func listen() async {
        for await event in store.watch(.work) {
            switch event {
            case .resync, .experiment:
                isRotationStale = true
                isSweeping = true
            case .orders:
                if !controls.isEmpty { renewals.send() }
                continue
            case .work, .trial, .change, .workers: break
            }
            // One event for each trial that can be claimed: it wakes one slot.
            signalWork()
        }
    }

    /// Looks by itself from time to time, and leaves when it was idle for long enough.
    private func look() async {
        var polls = 0
        while !Task.isCancelled {
            // Cancelling ends the sleep, and the condition ends the loop.
            try? await clock.sleep(for: settings.pollInterval * options.jitter())
            polls += 1
            if polls.isMultiple(of: Self.pollsPerLook) {
                isRotationStale = true
                isSweeping = true
                signalWork()
            }
            if !board.held.isEmpty { lastBusy = clock.now }
            if let limit = options.exitWhenIdle, !isDraining, lastBusy.duration(to: clock.now) >= limit {
                logger.info("idle for \(limit)")
                await drain()
            }
        }
    }

    private func tickRenewals() async {
        while !Task.isCancelled {
            // Cancelling ends the sleep, and the condition ends the loop.
            try? await clock.sleep(for: settings.renewalInterval * options.jitter())
            renewals.send()
        }
    }

    private func limitDrain() async {
        for await _ in drains.stream {
            // Cancelling ends the sleep; then nothing is running any more.
            try? await clock.sleep(for: options.drainTimeout)
            if !Task.isCancelled {
                isDrainOver = true
                stopAll(immediately: false)
            }
            return
        }
    }

    /// A worker that was told to stop waits for the store no longer, whatever it was waiting for when it was told.
    private func limitFarewell() async {
        for await _ in stops.stream {
            // Cancelling ends the sleep; then nothing is running any more.
            try? await clock.sleep(for: Self.farewellTimeout)
            if !Task.isCancelled { uploads.abandon() }
            return
        }
    }

    // MARK: Renewal

    private func keepRenewing() async {
        for await _ in renewals.stream {
            do {
                // The driver does not repeat this write, and leases run out: so it is repeated here, and soon.
                try await Backoff.untilAnswered(
                    clock,
                    onRetry: { logger.warning("leases could not be renewed: \($0)") },
                    renew
                )
            } catch {
                if !Task.isCancelled { logger.error("leases could not be renewed: \(error)") }
            }
        }
    }

    private func renew() async throws {
        let before = board.held
        let answer = try await store.renewLeases(of: worker.id, lease: settings.trialLease)
        for action in board.renewed(answer, heldBefore: before) {
            switch action {
            case .stop(let id, let reason): stop(id, reason)
            case .giveBack(let id, let attempt): try await giveBack(id, attempt: attempt)
            case .renewAgain: renewals.send()
            }
        }
        // Last: orders and leases are what somebody waits for.
        try await store.register(worker)
    }

    private func stop(_ id: TrialID, _ reason: StopReason) {
        guard let control = controls[id], control.stopRequest?.reason ?? .drained < reason else { return }
        logger.warning("trial \(id) is stopped: \(reason)")
        control.stop(reason, immediately: reason == .leaseLost)
    }

    private func giveBack(_ id: TrialID, attempt: Int) async throws {
        guard let trial = try await store.trials(of: id.experiment, .number(id.number)).first,
            trial.state == .running, trial.owner == worker.id, trial.attempt == attempt, board.held[id] == nil
        else { return }
        logger.warning("trial \(id) was claimed without our knowing and is given back")
        _ = try await store.finish(trial, with: AttemptOutcome(cause: .drained), retries: RetryLimits())
    }

    // MARK: Slots

    private func serve(_ slot: Int) async {
        while !isDraining, !Task.isCancelled {
            let seen = generation
            if let (trial, entry) = await claim(after: seen) {
                // Where there was one trial there may be more: the next idle slot looks, and so on.
                if isSweeping { wakeOne() }
                await run(trial, entry)
            } else {
                await waitForWork(slot, after: seen)
            }
        }
    }

    /// - Parameter seen: the signs of work so far: whoever finds nothing after them ends the sweep.
    private func claim(after seen: Int) async -> (Trial, ExperimentRotation.Entry)? {
        do {
            try await refreshRotation()
            for id in rotation.candidates() where !isDraining {
                guard let entry = rotation.entries[id] else { continue }
                let claimed = try await store.claimTrial(
                    of: id,
                    by: worker.id,
                    host: worker.host,
                    lease: settings.trialLease
                )
                guard let claimed else { continue }
                if case .stop(let id, let reason) = board.claimed(claimed.id, attempt: claimed.attempt) {
                    stop(id, reason)
                }
                rotation.served(id)
                return (claimed, entry)
            }
            // What is being read may be worth a claim, and the slot that reads it has to let the others know.
            if seen == generation, !isRotationStale, !isRefreshing { isSweeping = false }
        } catch {
            logger.warning("\(error)")
            isSweeping = true
            // The claim may have taken effect without our knowing; a renewal tells.
            renewals.send()
        }
        return nil
    }

    private func refreshRotation() async throws {
        guard isRotationStale, !isRefreshing else { return }
        isRefreshing = true
        isRotationStale = false
        defer { isRefreshing = false }
        do {
            let experiments = try await store.experiments(ExperimentQuery(isUnfinishedOnly: true))
            for complaint in rotation.update(experiments, allowed: options.experiments) { logger.error("\(complaint)") }
        } catch {
            isRotationStale = true
            throw error
        }
    }

    private func run(_ trial: Trial, _ claimed: ExperimentRotation.Entry) async {
        // Another slot may have read the experiment again while the claim was on its way: its limits may be new.
        let entry = rotation.entries[trial.id.experiment] ?? claimed
        let definition = entry.experiment.definition
        let control = AttemptControl()
        controls[trial.id] = control
        if isStopping || isDrainOver { control.stop(.drained, immediately: true) }
        let request = AttemptRequest(
            trial: trial.id,
            attempt: trial.attempt,
            worker: worker.id,
            assignment: trial.assignment,
            definition: definition,
            limits: entry.experiment.limits,
            command: entry.command
        )
        logger.debug("trial \(trial.id) attempt \(trial.attempt) begins")
        let uploader = uploads.add()
        defer { uploads.remove(uploader) }
        let result = await executor.run(request, control: control, sink: uploader)
        if controls[trial.id] === control { controls[trial.id] = nil }
        board.finishing(trial.id, attempt: trial.attempt)
        uploader.close()
        // The result goes to the store beside what is left of reports and output; those of a lost attempt are dropped.
        if await deliver(result, of: trial, retries: definition.retries) { await uploader.stored() }
        board.released(trial.id, attempt: trial.attempt)
        lastBusy = clock.now
    }

    /// Writes the result, however long it takes unless the worker was told to stop. - Returns: whether the attempt was still ours.
    private func deliver(_ result: AttemptResult, of trial: Trial, retries: RetryLimits) async -> Bool {
        if case .stopped(.leaseLost, _) = result { return false }
        var outcome = result.outcome
        outcome.arguments = outcome.arguments.map { Self.capped($0) }
        var backoff = Backoff()
        while true {
            do {
                switch try await store.finish(trial, with: outcome, retries: retries) {
                case .accepted: return true
                case .leaseLost:
                    logger.warning(
                        "trial \(trial.id) attempt \(trial.attempt) was no longer ours; its result is dropped"
                    )
                    return false
                }
            } catch let error as TrialStoreError where error.isRetryable {
                logger.warning("the result of trial \(trial.id) waits: \(error)")
                var wait = backoff.next()
                if let farewell {
                    let left = clock.now.duration(to: farewell)
                    guard left > .zero else { return false }
                    wait = min(wait, left)
                }
                // A cancelled sleep only makes the next try come sooner, and a cancelled store call ends in the check below.
                try? await clock.sleep(for: wait)
                if Task.isCancelled { return false }
            } catch {
                logger.error("the result of trial \(trial.id) cannot be stored: \(error)")
                return false
            }
        }
    }

    private static func capped(_ arguments: [String]) -> [String] {
        var left = largestKeptArgumentBytes
        var kept: [String] = []
        for argument in arguments {
            guard left > 0 else { return kept + ["… (\(arguments.count - kept.count) more)"] }
            let isWhole = argument.utf8.count <= left
            kept.append(isWhole ? argument : String(decoding: argument.utf8.prefix(left), as: UTF8.self) + "…")
            left -= argument.utf8.count
        }
        return kept
    }

    // MARK: Waiting

    private func waitForWork(_ slot: Int, after seen: Int) async {
        guard seen == generation, !isDraining, !Task.isCancelled else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Cancellation may have come before the continuation: then nobody else would resume it.
                if Task.isCancelled { continuation.resume() } else { idle[slot] = continuation }
            }
        } onCancel: {
            // Not awaited by anyone: it ends by itself after resuming the slot.
            Task { await self.wake(slot) }
        }
    }

    private func signalWork() {
        generation += 1
        wakeOne()
    }

    private func wakeOne() {
        if let slot = idle.keys.min() { wake(slot) }
    }

    private func wakeAll() {
        for slot in Array(idle.keys) { wake(slot) }
    }

    private func wake(_ slot: Int) {
        idle.removeValue(forKey: slot)?.resume()
    }
}
