import Coordination
import EarlyTermination
import ExperimentModel
import MemoryTrialStore

/// What must hold of trials that policies stop.
extension Judge {
    /// One decision is taken, as the leader made it, for the attempt that runs.
    func lookAtStop(from old: Trial, to new: Trial, _ stop: EarlyStop?) {
        guard let stop, old.takes(stop), new.order == .stop, var stored = new.earlyStop else {
            return fail("trial \(new.id) was told to stop early without a decision on attempt \(old.attempt)")
        }
        counts.add(.trialStopped)
        stored.decidedAt = nil
        if new.attempt != stop.attempt || stored.attempt != stop.attempt {
            fail("trial \(new.id): a decision on attempt \(stop.attempt) reached attempt \(new.attempt)")
        }
    }

    /// Every decision is the one that the stored reports lead to, whoever led when, and what was stopped is kept with it.
    func lookAtDecisions(in memory: MemoryTrialStore) async {
        for record in records {
            let definition = record.experiment.definition
            let id = record.experiment.id
            let reports = await memory.objectiveReports(of: id, after: .start, limit: .max)
            var judge = StoppingJudge(definition.earlyTermination, objective: definition.objective)
            var decisions: [AttemptID: EarlyStop] = [:]
            for report in reports {
                for (number, stop) in judge.take(report) {
                    let trial = TrialID(experiment: id, number: number)
                    decisions[AttemptID(trial: trial, attempt: stop.attempt)] = stop
                }
            }
            for trial in record.trials.values.sorted(by: { $0.id < $1.id }) {
                lookAtDecision(trial, decisions, reports, definition.objective)
            }
        }
    }

    private func lookAtDecision(
        _ trial: Trial,
        _ decisions: [AttemptID: EarlyStop],
        _ reports: [ObjectiveReport],
        _ objective: Objective
    ) {
        if trial.cause == .stoppedEarly, trial.earlyStop?.attempt != trial.attempt {
            fail("trial \(trial.id) was stopped early without a decision")
        }
        guard var stop = trial.earlyStop else { return }
        stop.decidedAt = nil
        let expected = decisions[AttemptID(trial: trial.id, attempt: stop.attempt)]
        if stop != expected {
            let text = expected.map { "\($0.message)" } ?? "none"
            fail("trial \(trial.id): stopped by \(stop.message), and who reads the reports again decides: \(text)")
        }
        // Nobody but its worker knows what it reported; where that has vanished, what is stored counts.
        guard trial.cause == .stoppedEarly, journal.executions(of: trial.id, attempt: trial.attempt).last?.value == nil
        else { return }
        let values = reports.filter { $0.trial == trial.id.number && $0.attempt == trial.attempt }.map(\.value)
        if trial.value != objective.value(of: values) {
            fail("trial \(trial.id) was stopped early with a value that it has not reported")
        }
        counts.add(.stoppedTrialLost)
    }
}
