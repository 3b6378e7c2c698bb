import EarlyTermination
import ExperimentModel
import Testing

@Suite("LearningCurve")
struct LearningCurveTests {
    @Test("keeps the best and the mean of finite values, whichever way is better")
    func bestAndMean() {
        for (goal, best) in [(Objective.Goal.maximize, 0.75), (.minimize, 0.25)] {
            var curve = LearningCurve(trial: 1, attempt: 1, objective: Objective(metric: "m", goal: goal))
            #expect(curve.best == nil && curve.mean == nil)
            for value in [.nan, 0.5, 0.25, .infinity, 0.75] { curve.append(value) }
            #expect(curve.best == best)
            #expect(curve.mean == 0.5)
            #expect(curve.interval == 5)
            #expect(curve.last == 0.75)
        }
    }
}
