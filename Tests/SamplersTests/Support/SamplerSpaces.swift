import ExperimentModel
import OrderedCollections
import SearchSpace

@testable import Samplers

/// Search spaces that the suites share.
enum SamplerSpaces {
    static func parameter(
        _ label: String,
        _ domain: ParameterDomain,
        when condition: ParameterCondition? = nil
    ) -> SpaceNode {
        .parameter(Parameter(label: label, domain: domain, condition: condition))
    }

    static func whole(_ low: Int64, _ high: Int64) -> ParameterDomain {
        .integer(min: low, max: high, isLog: false, step: nil)
    }

    static func options(_ values: ParameterValue...) -> ParameterDomain { .choice(values.map { .constant($0) }) }

    /// Every domain there is, with conditions by nesting and by `when`.
    static func everything() throws -> SearchSpace {
        var root: OrderedDictionary<String, SpaceNode> = [
            "uniform": parameter("uniform", .uniform(low: -5, high: 5)),
            "quniform": parameter("quniform", .uniform(low: 1, high: 10, quantum: 4)),
            "loguniform": parameter("loguniform", .logUniform(low: -9, high: -2)),
            "qloguniform": parameter("qloguniform", .logUniform(low: -1, high: 4, quantum: 2)),
            "normal": parameter("normal", .normal(mu: 1, sigma: 2)),
            "qnormal": parameter("qnormal", .normal(mu: 0, sigma: 3, quantum: 0.5)),
            "lognormal": parameter("lognormal", .logNormal(mu: 0, sigma: 1)),
            "qlognormal": parameter("qlognormal", .logNormal(mu: 1, sigma: 1, quantum: 0.5)),
            "uniformint": parameter("uniformint", .uniformInteger(low: 1, high: 9)),
            "randint": parameter("randint", .randomInteger(low: -3, high: 4)),
            "wide": parameter("wide", .randomInteger(low: .min, high: .max)),
            "pchoice": parameter("pchoice", .choice([.constant(1), .constant(2)], probabilities: [1, 0])),
            "float": parameter("float", .float(min: 0.5, max: 2, isLog: false, step: nil)),
            "floatlog": parameter("floatlog", .float(min: 1e-14, max: 1e-1, isLog: true, step: nil)),
            "floatstep": parameter("floatstep", .float(min: 0, max: 1, isLog: false, step: 0.3)),
            "floatlogstep": parameter("floatlogstep", .float(min: 0.1, max: 8, isLog: true, step: 0.1)),
            "fixed": parameter("fixed", .float(min: 3, max: 3, isLog: false, step: nil)),
            "int": parameter("int", whole(1, 5)),
            "intlog": parameter("intlog", .integer(min: 1, max: 1000, isLog: true, step: nil)),
            "intstep": parameter("intstep", .integer(min: -7, max: 90, isLog: false, step: 10)),
            "intwide": parameter("intwide", .integer(min: .min, max: .max, isLog: false, step: nil)),
        ]
        root["model"] = parameter(
            "model",
            .choice([
                .mapping(["type": .constant("tree"), "depth": parameter("depth", whole(1, 12))]),
                .mapping(["type": .constant("net"), "decay": parameter("decay", .logUniform(low: -7, high: 0))]),
            ])
        )
        root["kernel"] = parameter("kernel", options("rbf", "poly"))
        root["degree"] = parameter(
            "degree",
            whole(2, 5),
            when: ParameterCondition(clauses: [.init(label: "kernel", values: ["poly"])])
        )
        return try SearchSpace(root: root)
    }

    /// Nine points: three without a degree, six with one.
    static func conditional() throws -> SearchSpace {
        try SearchSpace(root: [
            "kernel": parameter("kernel", options("rbf", "poly")),
            "degree": parameter(
                "degree",
                whole(2, 3),
                when: ParameterCondition(clauses: [.init(label: "kernel", values: ["poly"])])
            ),
            "C": parameter("C", whole(1, 3)),
        ])
    }

    static func definition(
        _ kind: SamplerSpecification.Kind,
        _ space: SearchSpace,
        seed: UInt64 = 7
    ) -> ExperimentDefinition {
        ExperimentDefinition(
            name: "n",
            command: .shell("true"),
            searchSpace: space,
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: kind, seed: seed),
            limits: Limits(maxTrials: 1),
            workingDirectory: "/"
        )
    }

    /// A history with further completed trials, each suggested after the ones before it.
    static func extended(
        _ start: TrialHistory = TrialHistory(),
        by count: Int,
        with sampler: any Sampler,
        loss: (Suggestion) throws -> Double
    ) throws -> TrialHistory {
        var history = start
        let first = history.completed.count + history.failed.count + history.pending.count + 1
        for number in first..<(first + count) {
            let suggestion = try sampler.suggest(trial: number, history: history)
            history.completed.append(.init(number: number, suggestion: suggestion, loss: try loss(suggestion)))
        }
        return history
    }
}
