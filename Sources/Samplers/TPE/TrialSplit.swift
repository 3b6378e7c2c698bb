import OrderedCollections
import SearchSpace

/// The trials that count, in the order of their numbers, and which of them are the best few.
///
/// hyperopt 0.3.0, `suggest` and `ap_split_trials`. Trials without a result count with an infinite loss: they go to the
/// rest, so that several open trials do not crowd together. Failed ones are not looked at. Of equal losses the older trial
/// is better; in hyperopt that depends on the processor.
///
/// hyperopt knows no trials that were stopped early. What one had reached by then can be compared neither with the end of
/// another nor with what a third had reached earlier or later. So those come after all that ended by themselves, whatever
/// their values: those that came further first, among those that came equally far the better. Where too few have ended by
/// themselves to be the best part, the rest of it is taken from the trials that came furthest, as BOHB models the largest
/// budget that it has enough results of (Falkner, Klein and Hutter, 2018). Open trials come last.
struct TrialSplit {
    /// Trials by number.
    private(set) var suggestions: [Suggestion] = []
    /// Whether the trial at the same index is one of the best.
    private(set) var isBelow: [Bool] = []

    /// The split of a history, whose lists may be in any order.
    init(_ history: TrialHistory) {
        var trials: [(number: Int, merit: Merit, suggestion: Suggestion)] = []
        trials.reserveCapacity(history.completed.count + history.pending.count)
        for trial in history.completed { trials.append((trial.number, Merit(trial), trial.suggestion)) }
        for trial in history.pending { trials.append((trial.number, .none, trial.suggestion)) }
        trials.sort { $0.number < $1.number }
        suggestions = trials.map(\.suggestion)
        isBelow = [Bool](repeating: false, count: trials.count)
        for index in Self.best(of: trials.map(\.merit)) { isBelow[index] = true }
    }

    /// Trials that count as the best of `count`.
    static func belowCount(of count: Int) -> Int {
        let share = (TPESettings.gamma * Double(count).squareRoot()).rounded(.up)
        return min(Int(share), TPESettings.linearForgetting)
    }

    /// How good a trial is; the best is the least.
    fileprivate struct Merit: Comparable {
        /// How far it came: the negated interval of a trial that was stopped early.
        var reach: Int
        var loss: Double

        /// That of a trial without a result.
        static let none = Merit(reach: .max, loss: .infinity)

        static func < (left: Merit, right: Merit) -> Bool { (left.reach, left.loss) < (right.reach, right.loss) }
    }

    /// The indices of the best.
    private static func best(of merits: [Merit]) -> [Int] {
        let wanted = belowCount(of: merits.count)
        var best: [Int] = []
        for index in merits.indices where best.count < wanted || merits[index] < merits[best[wanted - 1]] {
            let place = best.firstIndex { merits[index] < merits[$0] } ?? best.count
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

extension TrialSplit.Merit {
    /// Whoever ended by itself came furthest.
    init(_ trial: TrialHistory.Completed) {
        self.init(reach: trial.stoppedAt.map { -$0 } ?? .min, loss: trial.loss)
    }
}
