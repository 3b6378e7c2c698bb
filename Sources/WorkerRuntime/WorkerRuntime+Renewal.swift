import Coordination
import Execution
import ExperimentModel
import Logging

/// Keeping leases, and obeying what the answers say.
extension WorkerRuntime {
    func keepRenewing() async {
        for await _ in renewals.stream {
            do {
                // The driver does not repeat this write, and leases run out: so it is repeated here, and soon.
                try await Backoff.untilAnswered(
                    clock,
                    Backoff(lease: settings.trialLease),
                    onRetry: { outage.failed($0) },
                    renew
                )
            } catch {
                if !Task.isCancelled { logger.error("leases could not be renewed: \(error)") }
            }
        }
    }

    func renew() async throws {
        let before = board.held
        let asked = momentOfCall()
        let answer: [HeldTrial]
        do {
            answer = try await store.renewLeases(of: worker.id, lease: settings.trialLease)
        } catch {
            perform(leases.renewalFailed(askedAt: asked))
            throw error
        }
        perform(leases.renewed(answer, askedAt: asked, now: clock.now))
        storeAnswered()
        for action in board.renewed(answer, heldBefore: before) {
            switch action {
            case .stop(let id, let reason): stop(id, reason)
            case .setTimeout(let id, let seconds):
                logger.info(
                    "trial \(id) may run for \(seconds.map { "\($0) s" } ?? "as long as it likes") from its start"
                )
                controls[id]?.setTimeout(AttemptTimes.timeout(seconds: seconds))
            case .giveBack(let id, let attempt):
                do {
                    try await giveBack(id, attempt: attempt)
                } catch let error as TrialStoreError where !error.isRetryable {
                    // Such as a trial that was edited by hand: no reason to be thought dead.
                    sayOnce(
                        "trial \(id)",
                        "trial \(id) was claimed without our knowing and cannot be given back: \(error)"
                    )
                }
            case .renewAgain: renewals.send()
            }
        }
        // Last: orders and leases are what somebody waits for.
        let known = try await store.register(worker)
        if known.leaveAskedAt != nil, !isDraining {
            logger.info("somebody asked this worker to leave")
            await drain()
        }
    }

    func stop(_ id: TrialID, _ reason: StopReason) {
        guard let control = controls[id] else { return }
        // An answer repeats what an earlier one said.
        if let earlier = control.stopRequest?.reason, earlier >= reason { return }
        // That a policy stops trials is what people asked for.
        logger.log(level: reason == .stoppedEarly ? .info : .warning, "trial \(id) is stopped: \(reason)")
        control.stop(reason, immediately: reason == .leaseLost)
    }

    func giveBack(_ id: TrialID, attempt: Int) async throws {
        guard let trial = try await store.trials(of: id.experiment, .number(id.number)).first,
            trial.state == .running, trial.owner == worker.id, trial.attempt == attempt, board.held[id] == nil,
            parked[id] != attempt
        else { return }
        logger.warning("trial \(id) was claimed without our knowing and is given back")
        board.givingBack(id, attempt: attempt)
        _ = try await store.finish(trial, with: AttemptOutcome(cause: .drained), retries: RetryLimits())
    }
}
