import OrderedCollections
import SearchSpace

/// The trials that count, in the order of their numbers, and which of them are the best few.
///
/// hyperopt 0.3.0, `suggest` and `ap_split_trials`. Trials without a result count with an infinite loss: they go to the
/// rest, so that several open trials do not crowd together. Failed ones are not looked at. Of equal losses the older trial
/// is better; in hyperopt that depends on the processor.
struct TrialSplit {
    /// Trials by number.
    private(set) var suggestions: [Suggestion] = []
    /// Whether the trial at the same index is one of the best.
    private(set) var isBelow: [Bool] = []

    /// The split of a history, whose lists may be in any order.
    init(_ history: TrialHistory) {
        var trials: [(number: Int, loss: Double, suggestion: Suggestion)] = []
        trials.reserveCapacity(history.completed.count + history.pending.count)
        for trial in history.completed { trials.append((trial.number, trial.loss, trial.suggestion)) }
        for trial in history.pending { trials.append((trial.number, .infinity, trial.suggestion)) }
        trials.sort { $0.number < $1.number }
        suggestions = trials.map(\.suggestion)
        isBelow = [Bool](repeating: false, count: trials.count)
        for index in Self.best(of: trials.map(\.loss)) { isBelow[index] = true }
    }

    /// Trials that count as the best of `count`.
    static func belowCount(of count: Int) -> Int {
        let share = (TPESettings.gamma * Double(count).squareRoot()).rounded(.up)
        return min(Int(share), TPESettings.linearForgetting)
    }

    /// The indices of the lowest losses.
    private static func best(of losses: [Double]) -> [Int] {
        let wanted = belowCount(of: losses.count)
        var best: [Int] = []
        for index in losses.indices where best.count < wanted || losses[index] < losses[best[wanted - 1]] {
            let place = best.firstIndex { losses[index] < losses[$0] } ?? best.count
            best.insert(index, at: place)
            if best.count > wanted { best.removeLast() }
        }
        return best
    }

    /// The values of a label in the trials where it was active, the oldest first, of the best and of the others.
    func observations<Value>(
        of label: String,
        as value: (LabelValue) -> Value?
    ) -> (below: [Value], above: [Value]) {
        var below: [Value] = []
        var above: [Value] = []
        above.reserveCapacity(suggestions.count)
        for (index, suggestion) in suggestions.enumerated() {
            guard let found = suggestion.values[label], let observation = value(found) else { continue }
            if isBelow[index] { below.append(observation) } else { above.append(observation) }
        }
        return (below, above)
    }
}
