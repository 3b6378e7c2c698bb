import EarlyTermination
import ExperimentModel
import Testing

@Suite("StoppingJudge")
struct StoppingJudgeTests {
    private let bandit = PolicySpecification(.bandit(.amount(0.5)))

    @Test("without policies, and of impossible intervals, nothing comes")
    func nothing() {
        var idle = StoppingJudge([], objective: .accuracy)
        #expect(idle.take(1, [1]).isEmpty && idle.take(2, [0]).isEmpty)
        var judge = StoppingJudge([bandit], objective: .accuracy)
        judge.take(1, [1])
        #expect(judge.take(2, from: -1, [0, 0]).isEmpty)
        judge.take(1, from: StoppingJudge.largestInterval, [9])
        judge.take(1, from: .max, [9])
        #expect(judge.take(2, from: 1, [0]).count == 1)
    }

    @Test("an attempt is stopped once, and counts for the others to its end")
    func afterStop() {
        var judge = StoppingJudge([bandit], objective: .accuracy)
        judge.take(1, [1, 1, 1])
        #expect(judge.take(2, [0, 0, 9]).map(\.interval) == [1])
        #expect(judge.take(3, [1, 1]).isEmpty)
        #expect(judge.take(3, from: 3, [1]).map(\.threshold) == [8.5])
    }

    @Test("a newer attempt takes the place of the older one, whose late reports are ignored")
    func newerAttempt() {
        var judge = StoppingJudge([bandit], objective: .accuracy)
        judge.take(1, [9, 9])
        #expect(judge.take(2, [1]).count == 1)
        judge.take(1, attempt: 2, [1])
        judge.take(1, from: 3, [9])
        // Nobody has reached the second interval any more, and the nine at the first is forgotten.
        #expect(judge.take(3, [1, 1, 1]).isEmpty)
        // The new attempt of what was stopped is judged anew.
        #expect(judge.take(2, attempt: 2, [1]).isEmpty)
        #expect(judge.take(2, attempt: 3, [0]).map(\.attempt) == [3])
    }

    @Test("reports wait for their predecessors, and a decision names the interval that was judged")
    func waiting() {
        var judge = StoppingJudge([bandit], objective: .accuracy)
        judge.take(1, [1, 1, 1])
        #expect(judge.take(2, from: 2, [0, 0]).isEmpty)
        #expect(judge.take(2, from: 1, [1]).isEmpty)
        #expect(judge.take(3, from: 2, [0, 0]).isEmpty)
        #expect(judge.take(3, from: 1, [0.1]).map(\.interval) == [1])
    }

    @Test("when more reports wait than may, the missing one is taken as lost, and nobody meets the trial there")
    func lostReport() {
        var judge = StoppingJudge([bandit], objective: .accuracy)
        let waiting = Array(repeating: 5.0, count: StoppingJudge.largestGap)
        #expect(judge.take(1, from: 2, waiting).isEmpty)
        #expect(judge.take(2, [0, 0]).isEmpty)
        judge.take(1, from: StoppingJudge.largestGap + 2, [5])
        #expect(judge.take(3, [0]).isEmpty)
        #expect(judge.take(3, from: 2, [0]).map(\.interval) == [2])
        // What was lost and comes after all changes nothing; a new attempt leaves nothing of the old one.
        judge.take(1, from: 1, [9])
        #expect(judge.take(4, [0]).isEmpty)
        judge.take(1, attempt: 2, [0])
        #expect(judge.take(5, [0, 0]).isEmpty)
    }

    @Test("many reports of one trial, from its first to its last, go through all policies")
    func longTrial() {
        let policies: [PolicySpecification.Rule] = [
            .bandit(.amount(0.5)), .medianStopping(.init()), .asha(.init(brackets: 3)),
            .truncationSelection(percentage: 20, excludesFinished: false),
            .decayCurve(.init(largestInterval: 1_000_000)),
        ]
        var judge = StoppingJudge(policies.map { PolicySpecification($0) }, objective: .loss)
        let count = 20_000
        #expect(judge.take(1, (1...count).map { 1 / Double($0) }).isEmpty)
        #expect(judge.take(2, Array(repeating: 1, count: count)).count == 1)
    }
}
