import EarlyTermination
import ExperimentModel

/// An experiment on simulated curves: trials in order on so many slots, in virtual time, stopped as the policies say.
struct StoppingRun {
    /// Epochs that all trials together have spent.
    private(set) var epochs = 0
    /// The best level that any trial has reached.
    private(set) var best = 0.0
    /// Epochs that all had spent when the target was reached; `nil` when it was not.
    private(set) var epochsToTarget: Int?
    /// Trials that were stopped.
    private(set) var stops = 0

    private struct Slot {
        var time = 0.0
        var trial: Int?
        var epoch = 0
    }

    init(_ curves: SimulatedCurves, policies: [PolicySpecification], slots count: Int) {
        var judge = StoppingJudge(policies, objective: Objective(metric: "accuracy", goal: .maximize))
        var slots = Array(repeating: Slot(), count: count)
        var nextTrial = 0
        let target = curves.target
        func fill(_ index: Int) {
            slots[index].trial = nextTrial < curves.reports.count ? nextTrial : nil
            slots[index].epoch = 0
            nextTrial += 1
            if let trial = slots[index].trial { slots[index].time += curves.durations[trial] }
        }
        for index in slots.indices { fill(index) }
        // Whose epoch ends first; of several the first slot.
        while let index = slots.indices.filter({ slots[$0].trial != nil }).min(by: { slots[$0].time < slots[$1].time }),
            let trial = slots[index].trial
        {
            let epoch = slots[index].epoch
            epochs += 1
            best = max(best, curves.levels[trial][epoch])
            if epochsToTarget == nil, best >= target { epochsToTarget = epochs }
            let report = ObjectiveReport(
                trial: trial + 1,
                attempt: 1,
                interval: epoch + 1,
                value: curves.reports[trial][epoch],
                position: ReportPosition(UInt64(epochs))
            )
            let isStopped = !judge.take(report).isEmpty
            let isOver = epoch + 1 == curves.reports[trial].count
            if isStopped, !isOver { stops += 1 }
            if isStopped || isOver {
                fill(index)
            } else {
                slots[index].epoch += 1
                slots[index].time += curves.durations[trial]
            }
        }
    }
}
