import Coordination
import Execution
import ExperimentModel
import Logging

/// One attempt from its claim to its stored result.
extension WorkerRuntime {
    func run(_ trial: Trial, _ claimed: ExperimentRotation.Entry) async {
        // Another slot may have read the experiment again while the claim was on its way: its limits may be new.
        let entry = rotation.entries[trial.id.experiment] ?? claimed
        let definition = entry.experiment.definition
        let control = AttemptControl()
        controls[trial.id] = control
        begin(trial.id, control)
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
        let result = ended(trial, await executor.run(request, control: control, sink: uploader))
        if controls[trial.id] === control { controls[trial.id] = nil }
        board.finishing(trial.id, attempt: trial.attempt)
        uploader.close()
        // The result goes to the store beside what is left of reports and output; those of a lost attempt are dropped.
        if await deliver(result, of: trial, retries: definition.retries) { await uploader.stored() }
        board.released(trial.id, attempt: trial.attempt)
        lastBusy = clock.now
    }

    /// Writes the result, however long it takes unless the worker was told to stop. - Returns: whether the attempt was still ours.
    func deliver(_ result: AttemptResult, of trial: Trial, retries: RetryLimits) async -> Bool {
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

    static func capped(_ arguments: [String]) -> [String] {
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
}
