import Coordination
import Execution
import ExperimentModel
import Logging

/// Ending trials whose leases cannot be renewed; ``LeaseBook`` decides.
extension WorkerRuntime {
    /// Looks at the ends of leases in a lease's time, when there are any: a renewal moves them while one of them is waited for.
    static var leaseLooks: Int { 20 }

    /// Now, by both clocks. To be called before the call to the store: a lease begins no earlier.
    func momentOfCall() -> LeaseBook<C.Instant>.Moment {
        // The guard's clock first: this process may be stopped between the two, and the earlier moment is the safe one.
        let boot = options.bootClock()
        return .init(instant: clock.now, boot: boot)
    }

    /// Whether trials of an experiment may be run here: what this worker is and has must do, and exclusive ones are only run
    /// while something ends them should this process stop.
    func mayClaim(of experiment: Experiment) -> Bool {
        guard worker.serves(experiment) else { return false }
        guard experiment.definition.isExclusive, !executor.enforcesLeaseEnds else {
            unguarded.remove(experiment.id)
            return true
        }
        if unguarded.insert(experiment.id).inserted {
            logger.error(
                "experiment \(experiment.id) is left to other workers: it is exclusive, and this worker has no guard now"
            )
        }
        return false
    }

    /// An attempt begins: its end is made known, or it is not to begin at all.
    func begin(_ id: TrialID, _ control: AttemptControl) {
        guard let end = leases.guardEnd(of: id) else { return }
        control.leaseEnd.move(to: end)
        if leases.isTooLate(id, at: clock.now) {
            logger.warning("trial \(id) is given back: the store's answer came when its lease was nearly over")
            control.stop(.drained, immediately: true)
        }
        leaseChanges.send()
    }

    /// The processes of an attempt have ended.
    /// - Returns: its result; lost, where it was killed because its lease could not be renewed.
    func ended(_ trial: Trial, _ result: AttemptResult) -> AttemptResult {
        let isOver = leases.isOver(trial.id, attempt: trial.attempt, at: clock.now)
        leases.released(trial.id, attempt: trial.attempt)
        guard isOver, case .finished(let outcome) = result, outcome.signal == LeaseEnd.signal else { return result }
        logger.warning("trial \(trial.id) was ended by the guard: its lease could not be renewed in time")
        return .stopped(.leaseLost, outcome)
    }

    func perform(_ actions: [LeaseBook<C.Instant>.Action]) {
        for action in actions {
            switch action {
            case .stop(let id):
                guard let control = controls[id] else { continue }
                logger.warning("trial \(id) is stopped: its lease could not be renewed, and it is exclusive")
                control.stop(.leaseLost)
            case .kill(let id):
                guard let control = controls[id] else { continue }
                logger.warning("trial \(id) is killed: its lease could not be renewed")
                control.stop(.leaseLost, immediately: true)
            case .giveUp(let id, let outage):
                guard let control = controls[id] else { continue }
                logger.warning("trial \(id) is stopped: the store has not answered for \(outage.inSeconds.rounded()) s")
                control.stop(.leaseLost)
            case .moveEnd(let id, let end): controls[id]?.leaseEnd.move(to: end)
            }
        }
    }

    /// Ends exclusive trials in time. The guard does the same, a little later, when this process does not.
    func keepLeaseEnds() async {
        for await _ in leaseChanges.stream {
            while let end = leases.nextEnd, !Task.isCancelled {
                // Cancelling ends the sleep, and the condition ends the loop.
                let look = clock.now.advanced(by: settings.trialLease / Self.leaseLooks)
                try? await clock.sleep(until: min(end, look), tolerance: nil)
                if !Task.isCancelled { perform(leases.timeReached(clock.now)) }
            }
        }
    }
}
