import Coordination
import Execution
import ExperimentModel
import Logging
import ResultSpool

/// The result of an attempt on its way to the store.
///
/// It is noted on disk soon after the first try began, which costs no wait and survives a kill of this process; when it fails,
/// everything that is not stored is kept so that it survives a crash of the machine, too.
extension WorkerRuntime {
    /// What became of a result.
    enum Delivery: Sendable {
        /// It stands.
        case accepted
        /// The attempt was no longer ours.
        case lost
        /// The store was away to the end, or refused it.
        case undelivered(isKept: Bool)
    }

    /// Brings the result to the store beside what is left of reports and output; those of a lost attempt are dropped.
    func settle(
        _ result: AttemptResult,
        of trial: Trial,
        retries: RetryLimits,
        _ uploader: AttemptUploader
    ) async {
        if case .stopped(.leaseLost, _) = result { return }
        var outcome = result.outcome
        outcome.arguments = outcome.arguments.map { Self.capped($0) }
        var spooled = SpooledResult(
            trial: trial.id,
            attempt: trial.attempt,
            owner: worker.id,
            outcome: outcome,
            retries: retries
        )
        if let results {
            spooled.take(uploader.unstored(outputBytes: 0).observations, [], isNote: true)
            results.note(spooled)
        }
        switch await deliver(&spooled, of: trial, uploader) {
        case .accepted:
            await uploader.stored()
            if uploader.isStored { return forget(spooled) }
            if await keep(&spooled, uploader) {
                logger.info("what is left of reports and output of trial \(trial.id) waits in \(results?.place ?? "?")")
            }
        case .lost: forget(spooled)
        case .undelivered(isKept: true):
            logger.warning(
                "the result of trial \(trial.id) waits in \(results?.place ?? "?"): the next worker of this host with the same --workdir delivers it, if it still counts then"
            )
        case .undelivered(isKept: false):
            logger.error("the result of trial \(trial.id) is given up: neither the store nor the disk took it")
        }
    }

    /// Tries until the store answers or the worker has to leave.
    private func deliver(_ spooled: inout SpooledResult, of trial: Trial, _ uploader: AttemptUploader) async -> Delivery
    {
        var backoff = Backoff(lease: settings.trialLease)
        var isKept = false
        while true {
            do {
                let answer = try await store.finish(trial, with: spooled.outcome, retries: spooled.retries)
                storeAnswered()
                if case .accepted = answer { return .accepted }
                logger.warning("trial \(trial.id) attempt \(trial.attempt) was no longer ours; its result is dropped")
                return .lost
            } catch let error as TrialStoreError where error.isRetryable {
                outage.failed(error)
                if !isKept {
                    isKept = await keep(&spooled, uploader)
                    if isKept { logger.info("the result of trial \(trial.id) is kept on disk until the store is back") }
                }
                var wait = backoff.next()
                if let farewell {
                    let left = clock.now.duration(to: farewell)
                    guard left > .zero else { return .undelivered(isKept: isKept) }
                    wait = min(wait, left)
                }
                // A cancelled sleep only makes the next try come sooner, and a cancelled store call ends in the check below.
                try? await clock.sleep(for: wait)
                if Task.isCancelled { return .undelivered(isKept: isKept) }
            } catch {
                if !isKept { isKept = await keep(&spooled, uploader) }
                logger.error("the result of trial \(trial.id) cannot be stored: \(error)")
                if isKept { parked[trial.id] = trial.attempt }
                return .undelivered(isKept: isKept)
            }
        }
    }

    /// Keeps a result with everything that is not stored so far. - Returns: whether the disk took it.
    private func keep(_ spooled: inout SpooledResult, _ uploader: AttemptUploader) async -> Bool {
        guard let results else { return false }
        let rest = uploader.unstored(outputBytes: SpooledResult.largestOutputBytes)
        spooled.take(rest.observations, rest.output)
        return await results.keep(spooled)
    }

    private func forget(_ spooled: SpooledResult) { results?.forget(spooled.trial, attempt: spooled.attempt) }

    /// The store has answered: if it was away, results that wait on disk are worth a try.
    func storeAnswered() {
        if outage.answered() { replays.send() }
    }
}
