import OrderedCollections
import SearchSpace
import Testing

@testable import Samplers

@Suite("TPE and trials that were stopped early")
struct StoppedTrialTests {
    private func completed(_ number: Int, _ loss: Double, stoppedAt: Int? = nil) -> TrialHistory.Completed {
        let suggestion = Suggestion(values: ["x": .double(Double(number))])
        return TrialHistory.Completed(number: number, suggestion: suggestion, loss: loss, stoppedAt: stoppedAt)
    }

    /// The numbers of the best part.
    private func best(_ completed: [TrialHistory.Completed], pending: Int = 0) -> [Int] {
        let open = (0..<pending).map { index in
            let number = completed.count + index + 1
            return TrialHistory.Open(number: number, suggestion: Suggestion(values: ["x": .double(Double(number))]))
        }
        let split = TrialSplit(TrialHistory(completed: completed, pending: open))
        return split.isBelow.indices.filter { split.isBelow[$0] }.map { $0 + 1 }
    }

    @Test("a great early value of a stopped trial takes no place from one that ended by itself")
    func misleading() {
        var trials = (1...30).map { completed($0, Double($0)) }
        let expected = best(trials)
        #expect(expected == [1, 2])
        for number in [5, 17, 29] { trials[number - 1] = completed(number, -1000, stoppedAt: 999) }
        #expect(best(trials) == expected)
    }

    @Test("where too few ended by themselves, the ones that came furthest are next, the better first")
    func reach() {
        var trials = (1...100).map { completed($0, Double(-$0), stoppedAt: 1) }
        trials[9] = completed(10, 1e9)
        trials[19] = completed(20, 5, stoppedAt: 9)
        trials[29] = completed(30, 4, stoppedAt: 9)
        trials[39] = completed(40, 3, stoppedAt: 3)
        // Three are the best of a hundred.
        #expect(best(trials) == [10, 20, 30])
        trials[29] = completed(30, 6, stoppedAt: 9)
        trials[19] = completed(20, 5, stoppedAt: 2)
        #expect(best(trials) == [10, 30, 40])
    }

    @Test("open trials come after stopped ones, and equals in the order of their numbers")
    func others() {
        let trials = (1...30).map { completed($0, 1, stoppedAt: 2) }
        #expect(best(trials, pending: 20) == [1, 2])
    }

    @Test("suggestions follow from the history alone, and differ from those of complete trials")
    func determinism() throws {
        let space = try SearchSpace(
            root: ["x": .parameter(Parameter(label: "x", domain: .uniform(low: 0, high: 100)))]
        )
        let sampler = TPEHyperoptSampler(space: space, seed: 7)
        // The low losses are all of trials that were stopped, at x above 50.
        let stopped = (1...100).map { completed($0, Double(100 - $0), stoppedAt: $0 > 50 ? 1 : nil) }
        let history = TrialHistory(completed: stopped)
        let reversed = TrialHistory(completed: stopped.reversed())
        let complete = TrialHistory(completed: (1...100).map { completed($0, Double(100 - $0)) })
        func values(_ history: TrialHistory) -> [Double] {
            (101...110).compactMap { number in
                guard case .double(let x)? = sampler.suggest(trial: number, history: history).values["x"] else {
                    return nil
                }
                return x
            }
        }
        #expect(values(history) == values(history))
        #expect(values(history) == values(reversed))
        let mean = values(history).reduce(0, +) / 10
        let misled = values(complete).reduce(0, +) / 10
        #expect(mean < 60 && misled > 80)
    }
}
