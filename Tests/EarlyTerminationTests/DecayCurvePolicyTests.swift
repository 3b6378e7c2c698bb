import EarlyTermination
import ExperimentModel
import Foundation
import Testing
import TuningMath

@Suite("DecayCurvePolicy")
struct DecayCurvePolicyTests {
    private let policy = PolicySpecification(.decayCurve(.init(largestInterval: 100)))

    /// An exponential that comes from 0 near to `level`.
    private func saturating(_ level: Double, constant: Double, length: Int) -> [Double] {
        (1...length).map { level * (1 - exp(-Double($0) / constant)) }
    }

    @Test("stops what has flattened out below the best, long before its end")
    func flat() {
        for objective in [Objective.accuracy, .loss] {
            let sign = objective.goal == .maximize ? 1.0 : -1.0
            var judge = StoppingJudge([policy], objective: objective)
            judge.take(1, saturating(0.9, constant: 20, length: 100).map { sign * $0 })
            let stops = judge.take(2, saturating(0.6, constant: 3, length: 100).map { sign * $0 })
            #expect(stops.count == 1)
            #expect(stops.allSatisfy { $0.interval <= 30 }, "\(stops)")
            let isWorded = stops.first?.message.contains(": extrapolated to interval 100 at best ")
            #expect(isWorded == true, "\(stops)")
            #expect(stops.first?.threshold.map { abs(sign * $0 - 0.9) < 0.01 } == true)
        }
    }

    @Test("lets a slow starter go on that is behind at every interval and ahead at the end")
    func slowStarter() {
        var judge = StoppingJudge([policy], objective: .accuracy)
        judge.take(1, saturating(0.7, constant: 5, length: 100))
        #expect(judge.take(2, saturating(0.95, constant: 50, length: 100)).isEmpty)
    }

    @Test("never stops the best, nor anybody by fewer reports than a fit needs, nor at the end")
    func never() {
        var judge = StoppingJudge([policy], objective: .accuracy)
        #expect(judge.take(1, Array(repeating: 0.5, count: 100)).isEmpty)
        #expect(judge.take(2, Array(repeating: 0.1, count: DecayCurvePolicy.leastReports - 1)).isEmpty)
        #expect(judge.take(3, Array(repeating: .nan, count: 100)).isEmpty)
        #expect(judge.take(2, from: DecayCurvePolicy.leastReports, [0.1, 0.1]).map(\.interval) == [6])
        var atEnd = StoppingJudge([PolicySpecification(.decayCurve(.init(largestInterval: 5)))], objective: .accuracy)
        atEnd.take(1, [1])
        #expect(atEnd.take(2, [0, 0, 0, 0, 0, 0, 0]).isEmpty)
    }

    @Test("noise does not stop a trial that is as good as the best before a third of its epochs are spent")
    func noise() {
        var generator = SeededGenerator(seed: 3)
        var judge = StoppingJudge([policy], objective: .accuracy)
        var spent = 0
        for trial in 1...40 {
            let values = saturating(0.8, constant: 15, length: 100).map { value in
                value + NormalDistribution(mean: 0, deviation: 0.02).quantile(generator.openUnitDouble())
            }
            // The luckiest of thousands of reports is the best; towards its end hardly any trial can hope for that.
            spent += judge.take(trial, values).first?.interval ?? 100
        }
        #expect(spent > 40 * 33)
    }

    @Test("a start from thousands hides nothing: what has flattened out behind is stopped all the same")
    func farStart() {
        var judge = StoppingJudge([policy], objective: .loss)
        judge.take(1, saturating(0.9, constant: 20, length: 100).map { 1 - $0 })
        let start = [1e6, 3e4, 900, 12]
        let stops = judge.take(2, start + saturating(0.6, constant: 3, length: 96).map { 1 - $0 })
        #expect(stops.map(\.interval).allSatisfy { $0 < 50 } && stops.count == 1, "\(stops)")
    }

    @Test("forgets the best of an attempt that has a successor")
    func forgotten() {
        var judge = StoppingJudge([policy], objective: .accuracy)
        judge.take(1, [9])
        judge.take(1, attempt: 2, [0.1])
        #expect(judge.take(2, Array(repeating: 0.2, count: 50)).isEmpty)
    }
}
