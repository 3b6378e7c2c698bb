import ExperimentModel
import OrderedCollections
import Samplers
import SearchSpace

@testable import Coordination

/// What the tests of this target make experiments and trials of.
enum Experiments {
    static let id = ExperimentID("es0000001")
    static let now = Timestamp(milliseconds: 1_700_000_000_000)
    static let minimize = Objective(metric: "loss", goal: .minimize)

    /// `a` in 1...3 and `b` in 1...2: six points.
    static func sixPoints() throws -> SearchSpace {
        try SearchSpace(root: [
            "a": .parameter(Parameter(label: "a", domain: .integer(min: 1, max: 3, isLog: false, step: 1))),
            "b": .parameter(Parameter(label: "b", domain: .integer(min: 1, max: 2, isLog: false, step: 1))),
        ])
    }

    static func line() throws -> SearchSpace {
        try SearchSpace(root: ["x": .parameter(Parameter(label: "x", domain: .uniform(low: 0, high: 1)))])
    }

    static func definition(
        _ space: SearchSpace,
        _ kind: SamplerSpecification.Kind = .random,
        goal: Objective.Goal = .minimize,
        limits: Limits = Limits(maxTrials: 100),
        initial: [Suggestion] = []
    ) -> ExperimentDefinition {
        ExperimentDefinition(
            name: "n",
            command: .shell("true"),
            searchSpace: space,
            objective: Objective(metric: "loss", goal: goal),
            sampler: SamplerSpecification(kind: kind, seed: 1),
            limits: limits,
            workingDirectory: "/",
            initial: initial
        )
    }

    static func experiment(_ definition: ExperimentDefinition) -> Experiment {
        Experiment(id: id, definition: definition, createdAt: now)
    }

    static func point(_ values: OrderedDictionary<String, LabelValue>) -> Suggestion { Suggestion(values: values) }

    static func trial(
        _ number: Int,
        _ state: TrialState = .new,
        origin: TrialOrigin = .sampler,
        version: Int = 0,
        value: Double? = nil,
        finishedAt: Timestamp? = nil
    ) -> Trial {
        var trial = Trial(
            id: TrialID(experiment: id, number: number),
            suggestion: Suggestion(values: ["x": .integer(Int64(number))]),
            assignment: [:],
            origin: origin,
            createdAt: now
        )
        trial.version = version
        trial.state = state
        trial.value = value
        trial.finishedAt = finishedAt
        return trial
    }

    static func ledger(_ trials: [Trial], objective: Objective = minimize) -> TrialLedger {
        var ledger = TrialLedger(objective: objective)
        for trial in trials { ledger.apply(trial) }
        return ledger
    }

    static func ledger(_ states: [TrialState]) -> TrialLedger {
        ledger(states.enumerated().map { trial($0 + 1, $1, value: $1 == .done ? 1 : nil) })
    }
}
