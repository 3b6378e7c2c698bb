import OrderedCollections
import SearchSpace

@testable import Samplers

/// One entry of `tpe-suggestions.json`: a history, and what `tpe.suggest` scored after it for every active label.
struct SuggestionCase: Decodable {
    struct Trial: Decodable {
        var number: Int
        var state: String
        var loss: Double?
        var values: [String: Double]
    }

    struct Label: Decodable {
        var candidates: [Double]
        var belowLogDensity: [Double]
        var aboveLogDensity: [Double]
        var best: Double
    }

    var trials: [Trial]
    var labels: [String: Label]

    /// The space of the script.
    static func space() throws -> SearchSpace {
        func parameter(_ label: String, _ domain: ParameterDomain) -> SpaceNode {
            .parameter(Parameter(label: label, domain: domain))
        }
        let leaf = ParameterDomain.choice(
            [
                .constant(.null),
                .mapping(["size": parameter("size", .logNormal(mu: 1, sigma: 1))]),
                .mapping(["share": parameter("share", .uniform(low: 0, high: 1))]),
            ],
            probabilities: [0.5, 0.3, 0.2]
        )
        let options: [SpaceNode] = [
            .mapping([
                "kind": .constant("linear"),
                "c": parameter("c", .logUniform(low: -6, high: 4)),
                "iterations": parameter("iterations", .logUniform(low: 2, high: 7, quantum: 10)),
            ]),
            .mapping([
                "kind": .constant("tree"),
                "depth": parameter("depth", .uniformInteger(low: 1, high: 12)),
                "leaf": parameter("leaf", leaf),
                "seed": parameter("seed", .randomInteger(low: 3, high: 9)),
            ]),
            .mapping([
                "kind": .constant("net"),
                "width": parameter("width", .uniform(low: 10, high: 200, quantum: 7)),
                "shift": parameter("shift", .normal(mu: 0, sigma: 3)),
                "rounded": parameter("rounded", .normal(mu: 5, sigma: 3, quantum: 0.25)),
                "decay": parameter("decay", .logNormal(mu: 2, sigma: 1, quantum: 0.4)),
            ]),
        ]
        return try SearchSpace(root: ["model": parameter("model", .choice(options))])
    }

    /// The trials in the order in which they were inserted, which is not that of their numbers.
    var history: TrialHistory {
        var history = TrialHistory()
        for trial in trials {
            var suggestion = Suggestion()
            for (label, value) in trial.values.sorted(by: { $0.key < $1.key }) {
                suggestion.values[label] = .double(value)
            }
            switch (trial.state, trial.loss) {
            case ("completed", let loss?):
                history.completed.append(.init(number: trial.number, suggestion: suggestion, loss: loss))
            case ("failed", _): history.failed.append(.init(number: trial.number, suggestion: suggestion))
            default: history.pending.append(.init(number: trial.number, suggestion: suggestion))
            }
        }
        return history
    }
}
