import Coordination
import ExperimentModel

/// Which trials of an experiment a follower has to read again, when it cannot know what changed: those without an outcome, and
/// those it has not met.
struct TrialTracker {
    private var unfinished: Set<Int> = []
    private var highest = 0
    private var hasReadAll = false
    private var hasReadEnd = false

    /// What to read now; everything the first time, and once more when the experiment has ended.
    mutating func query(_ experiment: Experiment) -> TrialQuery {
        if experiment.state.isTerminal {
            guard !hasReadEnd else { return openTrials(experiment) }
            hasReadEnd = true
            return .all
        }
        hasReadEnd = false
        guard hasReadAll else {
            hasReadAll = true
            return .all
        }
        return openTrials(experiment)
    }

    private func openTrials(_ experiment: Experiment) -> TrialQuery {
        let unknown = highest + 1 < experiment.nextTrial ? Array(highest + 1..<experiment.nextTrial) : []
        return .open(and: unfinished.sorted() + unknown)
    }

    /// Takes note of a trial as it is.
    mutating func see(_ trial: Trial) {
        if trial.state.isTerminal {
            unfinished.remove(trial.id.number)
        } else {
            unfinished.insert(trial.id.number)
        }
    }

    /// Takes note of trials that a query returned: every number below the highest of them is known.
    mutating func see(read trials: [Trial]) {
        for trial in trials {
            see(trial)
            highest = max(highest, trial.id.number)
        }
    }
}
