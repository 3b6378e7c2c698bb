import Foundation
import OrderedCollections
import SearchSpace
import Testing

@testable import Samplers

/// One entry of `tpe-densities.json`: what hyperopt makes of some trials for one distribution.
struct DensityCase: Decodable, CustomTestStringConvertible {
    struct Arguments: Decodable {
        var low: Double?
        var high: Double?
        var mu: Double?
        var sigma: Double?
        var q: Double?
        var options: Int?
        var p: [Double]?
    }

    struct Trial: Decodable {
        var number: Int
        var value: Double?
        var loss: Double?
    }

    struct Components: Decodable {
        var weights: [Double]?
        var means: [Double]?
        var deviations: [Double]?
        var probabilities: [Double]?
    }

    var type: String
    var arguments: Arguments
    var count: Int
    var trials: [Trial]
    var below: [Double]
    var above: [Double]
    var belowComponents: Components
    var aboveComponents: Components
    var points: [Double]
    var belowLogDensity: [Double]
    var aboveLogDensity: [Double]
    var score: [Double]

    var testDescription: String { "\(type) after \(count) observations" }

    /// The parameter `x` of the case.
    func parameter() throws -> Parameter {
        func given(_ argument: Double?) throws -> Double {
            guard let argument else { throw CocoaError(.coderValueNotFound) }
            return argument
        }
        let domain: ParameterDomain
        switch type {
        case "uniform", "quniform":
            domain = .uniform(low: try given(arguments.low), high: try given(arguments.high), quantum: arguments.q)
        case "loguniform", "qloguniform":
            domain = .logUniform(low: try given(arguments.low), high: try given(arguments.high), quantum: arguments.q)
        case "normal", "qnormal":
            domain = .normal(mu: try given(arguments.mu), sigma: try given(arguments.sigma), quantum: arguments.q)
        case "lognormal", "qlognormal":
            domain = .logNormal(mu: try given(arguments.mu), sigma: try given(arguments.sigma), quantum: arguments.q)
        case "uniformint":
            domain = .uniformInteger(low: try given(arguments.low), high: try given(arguments.high))
        case "randint":
            domain = .randomInteger(low: Int64(try given(arguments.low)), high: Int64(try given(arguments.high)))
        case "choice", "pchoice":
            let count = arguments.p?.count ?? arguments.options ?? 0
            let options = (0..<count).map { SpaceNode.constant(.integer(Int64($0))) }
            domain = .choice(options, probabilities: arguments.p)
        default: throw CocoaError(.coderInvalidValue)
        }
        return Parameter(label: "x", domain: domain)
    }

    /// The trials in the order of the file, which is not that of their numbers.
    var history: TrialHistory {
        var history = TrialHistory()
        for trial in trials {
            let values: OrderedDictionary<String, LabelValue> = trial.value.map { ["x": .double($0)] } ?? [:]
            let suggestion = Suggestion(values: values)
            if let loss = trial.loss {
                history.completed.append(.init(number: trial.number, suggestion: suggestion, loss: loss))
            } else {
                history.pending.append(.init(number: trial.number, suggestion: suggestion))
            }
        }
        return history
    }
}
