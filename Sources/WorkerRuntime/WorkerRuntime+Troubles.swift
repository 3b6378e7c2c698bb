import Coordination
import Execution
import ExperimentModel
import Logging

/// What a worker does when its machine, and not the trial, keeps an attempt from starting.
extension WorkerRuntime {
    /// First and longest rest of a slot whose machine could not start an attempt.
    static var troubleRests: ClosedRange<Duration> { .seconds(1) ... .seconds(300) }

    /// Lets a slot rest after an attempt that this machine could not start, so that another worker takes the trial.
    func rest(_ slot: Int, after result: AttemptResult, of trial: Trial) async {
        guard case .refused(let outcome) = result else {
            troubles[slot] = nil
            return
        }
        var backoff = troubles[slot] ?? Backoff(Self.troubleRests)
        let wait = backoff.next()
        troubles[slot] = backoff
        logger.error(
            """
            trial \(trial.id) attempt \(trial.attempt) is given back without charge: \(outcome.message ?? "?"). \
            Slot \(slot + 1) takes no trial for \(wait)
            """
        )
        guard !isDraining, isTimeKept, !Task.isCancelled else { return }
        setAlarm(.slot(slot), after: wait)
        // Resumed by the alarm, or when the worker leaves or is cancelled.
        await withCheckedContinuation { resting[slot] = $0 }
    }
}
