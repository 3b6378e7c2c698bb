import ExperimentModel
import OrderedCollections
import SearchSpace

/// What one seed asks of the system: experiments, programs, and how bad things will be.
struct Scenario: Sendable {
    var definitions: [ExperimentDefinition]
    var servers: Int
    var workers: Int
    var slots: ClosedRange<Int>
    var leaseSeconds: Double
    var manners: TrialManners
    var weather: Weather
    /// How long there is trouble; after it everything heals.
    var troubleDuration: Duration

    static func draw(seed: UInt64) throws(SearchSpaceError) -> Scenario {
        let draws = Draws(seed: seed, purpose: "scenario")
        var definitions: [ExperimentDefinition] = []
        let policyDraws = Draws(seed: seed, purpose: "policies")
        for index in 0..<draws.pick([1, 1, 1, 2]) { definitions.append(try definition(index, draws, policyDraws)) }
        return Scenario(
            definitions: definitions,
            servers: draws.pick([1, 2, 2, 3]),
            workers: draws.number(in: 1...4),
            slots: 1...draws.pick([1, 2, 3]),
            leaseSeconds: draws.pick([5, 15, 30, 30]),
            manners: TrialManners.draw(draws),
            weather: Weather.draw(draws),
            troubleDuration: draws.duration(in: .seconds(20)...(.seconds(200)))
        )
    }

    /// - Parameter policyDraws: draws of their own, so that an experiment is the same with policies and without.
    private static func definition(
        _ index: Int,
        _ draws: Draws,
        _ policyDraws: Draws
    ) throws(SearchSpaceError) -> ExperimentDefinition {
        let kind = draws.pick([SamplerSpecification.Kind.random, .random, .grid, .tpeHyperopt])
        let space = try space(isFinite: kind == .grid || draws.chance(0.2), draws)
        var limits = Limits(maxTrials: draws.number(in: 1...14), isFailFast: draws.chance(0.3))
        limits.maxConcurrentTrials = draws.pick([nil, nil, 1, 2, 5])
        limits.maxFailedTrials = draws.pick([nil, nil, nil, 2])
        limits.trialTimeoutSeconds = draws.pick([nil, 20, 45])
        if draws.chance(0.1) { limits.maxDurationSeconds = Double(draws.number(in: 30...200)) }
        if draws.chance(0.15) { limits.goalValue = 0.05 }
        var retries: [TrialCause: Int] = [:]
        if draws.chance(0.5) { retries[.failed] = draws.number(in: 0...2) }
        if draws.chance(0.3) { retries[.lost] = draws.number(in: 0...6) }
        let isExclusive = draws.chance(0.3)
        let initial = (0..<draws.pick([0, 0, 1, 2])).map { _ in point(draws) }
        return ExperimentDefinition(
            name: "simulated-\(index)",
            command: .arguments(["train"]),
            searchSpace: space,
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: kind, seed: draws.bits() >> 1),
            earlyTermination: policies(policyDraws),
            limits: limits,
            retries: RetryLimits(charges: retries, firstDelaySeconds: draws.pick([nil, 0, 2, 20])),
            workingDirectory: "/",
            priority: draws.pick([0, 0, 1]),
            graceSeconds: draws.pick([0.5, 3, 10]),
            isExclusive: isExclusive,
            storeOutageLimitSeconds: draws.pick([ExperimentDefinition.defaultStoreOutageLimitSeconds, 10]),
            initial: initial
        )
    }

    private static func policies(_ draws: Draws) -> [PolicySpecification] {
        guard draws.chance(0.4) else { return [] }
        let all: [PolicySpecification] = [
            PolicySpecification(.bandit(.factor(0.2))),
            PolicySpecification(.bandit(.amount(0.1)), evaluationInterval: 2, delayEvaluation: 3),
            PolicySpecification(.medianStopping(PolicySpecification.MedianSettings())),
            PolicySpecification(.truncationSelection(percentage: 40, excludesFinished: false), delayEvaluation: 2),
            PolicySpecification(.asha(PolicySpecification.HalvingSettings(reductionFactor: 2))),
            PolicySpecification(.threshold(lower: nil, upper: 0.8)),
            PolicySpecification(.notFinite),
        ]
        return [draws.pick(all)] + (draws.chance(0.3) ? [draws.pick(all)] : [])
    }

    private static func space(isFinite: Bool, _ draws: Draws) throws(SearchSpaceError) -> SearchSpace {
        let x: ParameterDomain =
            isFinite
            ? .integer(min: 0, max: Int64(draws.number(in: 1...3)), isLog: false, step: nil)
            : .float(min: 0, max: 1, isLog: false, step: nil)
        let y = ParameterDomain.integer(min: 0, max: 2, isLog: false, step: nil)
        return try SearchSpace(root: [
            "x": .parameter(Parameter(label: "x", domain: x)), "y": .parameter(Parameter(label: "y", domain: y)),
        ])
    }

    /// A point that a person gives: one label, the rest is drawn.
    static func point(_ draws: Draws) -> Suggestion {
        Suggestion(values: ["y": .integer(Int64(draws.number(in: 0...2)))])
    }
}
