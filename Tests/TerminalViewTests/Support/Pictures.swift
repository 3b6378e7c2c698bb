import Coordination
import ExperimentModel
import Inspection
import SearchSpace
import TerminalView
import TuningTestKit

/// Material of frames.
enum Pictures {
    static let plain = ViewStyle(isColoured: false, isUnicode: true)
    static let ascii = ViewStyle(isColoured: false, isUnicode: false)
    static let coloured = ViewStyle(isColoured: true, isUnicode: true)
    static let start = Timestamp(milliseconds: 1_700_000_000_000)
    static let id = ExperimentID("es0000001")

    static func experiment(
        _ state: ExperimentState = .running,
        name: String = "digits",
        limits: Limits = Limits(maxTrials: 40),
        change: (inout Experiment) -> Void = { _ in }
    ) throws -> Experiment {
        let definition = try TrialStoreConformance.definition(name: name, limits: limits)
        var experiment = Experiment(id: id, definition: definition, createdAt: start)
        experiment.state = state
        experiment.startedAt = start
        experiment.lead = LeadRecord(leader: "node:1:aa", leaseUntil: start + .seconds(1_000_000))
        change(&experiment)
        return experiment
    }

    static func done(_ number: Int, _ value: Double) throws -> Trial {
        var trial = try TrialStoreConformance.trial(number, of: id)
        trial.claim(by: WorkerID("node:7:ab"), host: "node", at: start, lease: .seconds(30))
        let outcome = AttemptOutcome(cause: .succeeded, value: value, exitStatus: 0, arguments: ["sh", "a b.sh", "1"])
        trial.end(with: outcome, retries: RetryLimits(), at: start + .seconds(1))
        return trial
    }

    static func failed(_ number: Int, _ outcome: AttemptOutcome) throws -> Trial {
        var trial = try TrialStoreConformance.trial(number, of: id)
        trial.claim(by: WorkerID("node:7:ab"), host: "node", at: start, lease: .seconds(30))
        trial.end(with: outcome, retries: RetryLimits(), at: start + .seconds(1))
        return trial
    }

    static func running(
        _ number: Int,
        values: [Double] = [],
        lease: Duration = .seconds(3600)
    ) throws -> LiveSnapshot.RunningTrial {
        var trial = try TrialStoreConformance.trial(number, of: id)
        trial.claim(by: WorkerID("node:\(number):ab"), host: "node", at: start, lease: lease)
        var curve = CurveSketch(Objective(metric: "loss", goal: .minimize))
        for (index, value) in values.enumerated() { curve.add(step: Int64(index), value: value) }
        return .init(trial: trial, curve: values.isEmpty ? nil : curve)
    }

    static func worker(
        _ name: String,
        slots: Int = 2,
        isDraining: Bool = false,
        only experiments: [ExperimentID] = []
    ) -> Worker {
        Worker(
            id: WorkerID("node:1:\(name)"),
            host: "node",
            processID: 1,
            slots: slots,
            experiments: experiments,
            isDraining: isDraining,
            version: "1"
        )
    }

    /// A picture from the middle of an experiment.
    static func middle(name: String = "digits") throws -> LiveSnapshot {
        LiveSnapshot(
            experiment: try experiment(name: name),
            counts: [.new: 1, .running: 2, .done: 17, .failed: 1],
            best: try done(3, 0.0697014745),
            running: [try running(19, values: [4, 3, 2, 1]), try running(20)],
            workers: [worker("a"), worker("b", slots: 1)],
            now: start + .seconds(83),
            ratePerMinute: 12.4
        )
    }
}
