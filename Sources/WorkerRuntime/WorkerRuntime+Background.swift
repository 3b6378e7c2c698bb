import Coordination
import ExperimentModel
import Logging

/// What goes on beside the slots: listening to the store, looking by itself, and leaving.
extension WorkerRuntime {
    func introduce() async {
        var backoff = Backoff()
        while !isDraining, !Task.isCancelled {
            do {
                try await store.register(worker)
                return storeAnswered()
            } catch {
                note(error)
                // Cancelling ends the sleep, and the condition ends the loop.
                try? await clock.sleep(for: backoff.next())
            }
        }
    }

    func listen() async {
        for await event in store.watch(.work) {
            switch event {
            case .resync:
                isRotationStale = true
                isSweeping = true
                // Orders may have been missed while nobody listened.
                renewals.send()
            case .experiment(let id):
                isRotationStale = true
                isSweeping = true
                // Its time-out may be another now, for the attempts that run too.
                if board.held.keys.contains(where: { $0.experiment == id }) { renewals.send() }
            case .orders:
                // Not only when something is held: the reply to a claim may be on its way.
                if idle.count < options.slots { renewals.send() }
                continue
            case .leave(let id):
                if id == worker.id { renewals.send() }
                continue
            case .delayed(let wait):
                setAlarm(.work, after: wait)
                continue
            case .work, .trial, .change, .workers, .report: break
            }
            // One event for each trial that can be claimed: it wakes one slot.
            signalWork()
        }
    }

    /// Looks by itself from time to time, and leaves when it was idle for long enough.
    func look() async {
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
            if let limit = options.exitWhenIdle, hasFoundNoWork, !isDraining, lastBusy.duration(to: clock.now) >= limit
            {
                logger.info("idle for \(limit)")
                await drain()
            }
        }
    }

    func tickRenewals() async {
        while !Task.isCancelled {
            // Cancelling ends the sleep, and the condition ends the loop.
            try? await clock.sleep(for: settings.renewalInterval * options.jitter())
            renewals.send()
        }
    }

    func limitDrain() async {
        for await _ in drains.stream {
            // Cancelling ends the sleep; then nothing is running any more.
            try? await clock.sleep(for: options.drainTimeout)
            if !Task.isCancelled {
                isDrainOver = true
                stopAll(immediately: false)
                await limitWaiting()
            }
            return
        }
    }

    /// When the time to drain is over, what has ended waits no longer for a store that is away.
    func limitWaiting() async {
        while !Task.isCancelled {
            farewell = clock.now.advanced(by: Self.farewellTimeout)
            // Cancelling ends the sleep; then nothing is running any more.
            try? await clock.sleep(for: Self.farewellTimeout)
            if !Task.isCancelled, outage.isAway { return uploads.abandon() }
        }
    }

    /// Takes in what a call of the store threw: an outage is said once for all calls.
    func note(_ error: any Error) {
        if let error = error as? TrialStoreError, error.isRetryable {
            outage.failed(error)
        } else {
            logger.warning("\(error)")
        }
    }

    /// A worker that was told to stop waits for the store no longer, whatever it was waiting for when it was told.
    func limitFarewell() async {
        for await _ in stops.stream {
            // Cancelling ends the sleep; then nothing is running any more.
            try? await clock.sleep(for: Self.farewellTimeout)
            if !Task.isCancelled { uploads.abandon() }
            return
        }
    }
}
