import ExperimentModel
import Samplers
import SearchSpace
import TuningMath

/// Keeps a history up to date one trial at a time, each list in the order of numbers.
///
/// Trials come and end roughly in that order, so that a change costs a binary search and moves few elements.
extension TrialHistory {
    /// The list that a trial belongs to.
    private enum Place: Equatable {
        case completed(loss: Double, stoppedAt: Int?)
        case failed
        case pending

        init?(_ trial: Trial, _ objective: Objective) {
            switch trial.state {
            case .done:
                guard let value = trial.value else { return nil }
                self = .completed(loss: objective.loss(of: value), stoppedAt: trial.stoppedAt)
            case .failed: self = .failed
            case .new, .running: self = .pending
            // The user's decision says nothing about the assignment.
            case .cancelled: return nil
            }
        }
    }

    /// Replaces what is known of a trial.
    /// - Parameter known: the trial as it was taken in before; `nil` if it was not.
    /// - Returns: whether the trial has come into the history, or left it.
    mutating func replace(_ known: Trial?, by trial: Trial, objective: Objective) -> Bool {
        let old = known.flatMap { Place($0, objective) }
        let new = Place(trial, objective)
        // A claim moves nothing.
        guard old != new else { return false }
        let number = trial.id.number
        switch old {
        case .completed: completed.remove(number)
        case .failed: failed.remove(number)
        case .pending: pending.remove(number)
        case nil: break
        }
        let isSampled = trial.origin == .sampler
        let open = Open(number: number, suggestion: trial.suggestion, isSampled: isSampled)
        switch new {
        case .completed(let loss, let stoppedAt):
            completed.add(
                Completed(
                    number: number,
                    suggestion: trial.suggestion,
                    isSampled: isSampled,
                    loss: loss,
                    stoppedAt: stoppedAt
                )
            )
        case .failed: failed.add(open)
        case .pending: pending.add(open)
        case nil: break
        }
        return (old == nil) != (new == nil)
    }

    /// Takes in a trial that is not stored yet, so that the next suggestion knows of it.
    mutating func addPending(_ trial: Trial) {
        pending.add(
            Open(number: trial.id.number, suggestion: trial.suggestion, isSampled: trial.origin == .sampler)
        )
    }
}

private protocol Numbered {
    var number: Int { get }
}

extension TrialHistory.Completed: Numbered {}
extension TrialHistory.Open: Numbered {}

extension Array where Element: Numbered {
    /// Index of the first element whose number is at least `number`.
    private func position(of number: Int) -> Int {
        // Most often the end.
        if let last, last.number < number { return count }
        return partitioningIndex { $0.number >= number }
    }

    fileprivate mutating func add(_ element: Element) { insert(element, at: position(of: element.number)) }

    fileprivate mutating func remove(_ number: Int) {
        let index = position(of: number)
        if index < count, self[index].number == number { remove(at: index) }
    }
}
