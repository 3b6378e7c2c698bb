import ExperimentModel
import OrderedCollections
import Samplers
import SearchSpace
import TuningMath

/// Makes the trials of promised numbers; a pure function of what is stored, so that any leader makes the same.
struct TrialMaker: Sendable {
    /// What makes a definition impossible to carry out.
    struct Failure: Error, CustomStringConvertible {
        var number: Int
        var cause: any Error

        var description: String { "No assignment could be made for trial \(number): \(cause)" }
    }

    private let sampler: any Sampler
    private let space: SearchSpace
    private let seeds: SeedSequence

    init(_ definition: ExperimentDefinition, sampler: any Sampler) {
        self.sampler = sampler
        space = definition.searchSpace
        seeds = SeedSequence(seed: definition.sampler.seed)
    }

    /// The trials of `numbers`, ascending.
    ///
    /// Given points come first. A number for which nothing is left, since a person took back what was left when it was
    /// promised, is cancelled from the beginning; so is every number of an experiment that is ending.
    /// - Parameter remaining: what the sampler has left, given the ledger's history.
    func trials(
        _ numbers: [Int],
        of experiment: Experiment,
        _ ledger: TrialLedger,
        remaining: Int?,
        now: Timestamp
    ) throws(Failure) -> [Trial] {
        var points = experiment.unusedPoints(ledger, atMost: numbers.count)[...]
        var history = ledger.history
        var remaining = remaining
        var trials: [Trial] = []
        for number in numbers {
            let id = TrialID(experiment: experiment.id, number: number)
            let point = points.popFirst()
            var made: Trial?
            if point != nil || remaining != 0 {
                do {
                    made = try trial(id, point, history, now: now)
                } catch {
                    guard experiment.ending != nil else { throw Failure(number: number, cause: error) }
                }
            }
            if point == nil { remaining = remaining.map { max(0, $0 - 1) } }
            if let made, experiment.ending == nil {
                history.addPending(made)
                trials.append(made)
            } else {
                var cancelled = made ?? placeholder(id, now: now)
                cancelled.cancel(at: now)
                trials.append(cancelled)
            }
        }
        return trials
    }

    private func trial(
        _ id: TrialID,
        _ point: GivenPoint?,
        _ history: TrialHistory,
        now: Timestamp
    ) throws -> Trial {
        let suggestion =
            if let point {
                space.completed(point.values, trial: id.number, seeds: seeds)
            } else {
                try sampler.suggest(trial: id.number, history: history)
            }
        return Trial(
            id: id,
            suggestion: suggestion,
            assignment: try space.assignment(for: suggestion),
            origin: point?.origin ?? .sampler,
            createdAt: now
        )
    }

    /// A trial with any assignment of the space, for a number that will not be tried.
    private func placeholder(_ id: TrialID, now: Timestamp) -> Trial {
        let drawn = space.completed(Suggestion(), trial: id.number, seeds: seeds)
        guard let assignment = try? space.assignment(for: drawn) else {
            // Nothing can be drawn from a space that only an edited document can hold: the trial says nothing.
            return Trial(id: id, suggestion: Suggestion(), assignment: Assignment(), createdAt: now)
        }
        return Trial(id: id, suggestion: drawn, assignment: assignment, createdAt: now)
    }
}
