import ExperimentModel
import Samplers

/// A leader's picture of one experiment's trials, kept up to date by events and re-reads in any order.
///
/// The version of a trial decides which of two pictures is the newer, so that late and repeated events do no harm.
struct TrialLedger: Sendable {
    private(set) var trials: [Int: Trial] = [:]
    private(set) var counts: [TrialState: Int] = [:]
    /// Numbers of trials without an outcome.
    private(set) var openNumbers: Set<Int> = []
    /// Every number below this has a trial.
    private var contiguousEnd = 1

    /// Takes in a picture of a trial. - Returns: whether it was news.
    @discardableResult
    mutating func apply(_ trial: Trial) -> Bool {
        let number = trial.id.number
        if let known = trials[number] {
            guard trial.version > known.version else { return false }
            counts[known.state, default: 0] -= 1
        }
        trials[number] = trial
        counts[trial.state, default: 0] += 1
        if trial.state.isTerminal { openNumbers.remove(number) } else { openNumbers.insert(number) }
        while trials[contiguousEnd] != nil { contiguousEnd += 1 }
        return true
    }

    /// How many trials are in `state`.
    func count(_ state: TrialState) -> Int { counts[state, default: 0] }

    /// Promised numbers below `end` that have no trial.
    func missingNumbers(below end: Int) -> [Int] {
        guard contiguousEnd < end else { return [] }
        return (contiguousEnd..<end).filter { trials[$0] == nil }
    }

    /// When the first trial was claimed, as far as the ledger knows.
    var firstClaim: Timestamp? {
        // Claims come roughly in order of numbers, but a later trial may be claimed first; the open and early ones decide.
        trials.values.compactMap { $0.attempts.first?.claimedAt }.min()
    }

    /// What a sampler may know, in the order of trial numbers.
    func history(objective: Objective) -> TrialHistory {
        var history = TrialHistory()
        for trial in trials.values.sorted(by: { $0.id.number < $1.id.number }) {
            let number = trial.id.number
            switch trial.state {
            case .done:
                guard let value = trial.value else { continue }
                history.completed.append(
                    .init(number: number, suggestion: trial.suggestion, loss: objective.loss(of: value))
                )
            case .failed: history.failed.append(.init(number: number, suggestion: trial.suggestion))
            case .new, .running: history.pending.append(.init(number: number, suggestion: trial.suggestion))
            // The user's decision says nothing about the assignment.
            case .cancelled: break
            }
        }
        return history
    }
}
