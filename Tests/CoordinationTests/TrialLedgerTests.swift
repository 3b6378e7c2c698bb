import ExperimentModel
import OrderedCollections
import Samplers
import SearchSpace
import Testing

@testable import Coordination

@Suite("Trial ledger")
struct TrialLedgerTests {
    private func trial(_ number: Int, version: Int = 0, state: TrialState = .new) -> Trial {
        var trial = Trial(
            id: TrialID(experiment: ExperimentID("es0000001"), number: number),
            suggestion: Suggestion(values: ["x": .integer(Int64(number))]),
            assignment: [:],
            createdAt: Timestamp(milliseconds: 0)
        )
        trial.version = version
        trial.state = state
        return trial
    }

    @Test("late and repeated pictures of a trial change nothing")
    func versionsDecide() {
        var ledger = TrialLedger()
        let news = [
            trial(1, version: 2, state: .done), trial(1, version: 1, state: .running),
            trial(1, version: 2, state: .done),
        ]
        .map { ledger.apply($0) }
        #expect(news == [true, false, false])
        #expect(ledger.count(.done) == 1 && ledger.count(.running) == 0)
        #expect(ledger.openNumbers.isEmpty)
    }

    @Test("gaps are found whatever the order of arrival")
    func gaps() {
        var ledger = TrialLedger()
        for number in [5, 1, 3] { ledger.apply(trial(number)) }
        #expect(ledger.missingNumbers(below: 7) == [2, 4, 6])
        for number in [2, 4] { ledger.apply(trial(number)) }
        #expect(ledger.missingNumbers(below: 6).isEmpty)
        #expect(ledger.openNumbers == [1, 2, 3, 4, 5])
    }

    @Test("the sampler's history sorts trials by outcome, negates a maximised value and leaves out cancelled ones")
    func history() {
        var ledger = TrialLedger()
        var done = trial(2, state: .done)
        done.value = 0.5
        let others = [trial(1, state: .failed), trial(3, state: .running), trial(4), trial(5, state: .cancelled)]
        for trial in others + [done] { ledger.apply(trial) }
        let history = ledger.history(objective: Objective(metric: "m", goal: .maximize))
        #expect(history.completed.map(\.number) == [2] && history.completed.map(\.loss) == [-0.5])
        #expect(history.failed.map(\.number) == [1])
        #expect(history.pending.map(\.number) == [3, 4])
    }
}
