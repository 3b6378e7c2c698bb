import Foundation
import OrderedCollections
import SearchSpace
import Testing
import TuningMath

@testable import Samplers

@Suite("Label model")
struct LabelModelTests {
    static let cases: [DensityCase] = (try? Fixture.load("tpe-densities")) ?? []

    @Test("there are cases of every distribution of hyperopt")
    func isComplete() throws {
        let types = Set(try Fixture.load("tpe-densities", as: [DensityCase].self).map(\.type))
        #expect(types.count == 12)
        #expect(Self.cases.count == 84)
    }

    @Test("splits, components, densities and scores are those of hyperopt 0.3.0", arguments: cases)
    func reference(of reference: DensityCase) throws {
        let split = TrialSplit(reference.history)
        let observations = split.observations(of: "x") { $0.number }
        #expect(observations.below == reference.below)
        #expect(observations.above == reference.above)

        let below: [Double]
        let above: [Double]
        let parameter = try reference.parameter()
        switch try #require(LabelModel(parameter, split: split)) {
        case .numeric(_, let low, let high):
            for (mixture, components) in [(low, reference.belowComponents), (high, reference.aboveComponents)] {
                #expect(areClose(mixture.estimator.weights, components.weights ?? []))
                #expect(areClose(mixture.estimator.means, components.means ?? []))
                #expect(areClose(mixture.estimator.deviations, components.deviations ?? []))
            }
            below = reference.points.map(low.logDensity)
            above = reference.points.map(high.logDensity)
        case .categorical(let prior, let low, let high):
            for (posterior, components) in [(low, reference.belowComponents), (high, reference.aboveComponents)] {
                #expect(areClose((0..<prior.count).map(posterior.probability), components.probabilities ?? []))
            }
            let options = try reference.points.map { try #require(prior.option(of: .double($0))) }
            below = options.map(low.logDensity)
            above = options.map(high.logDensity)
        }
        #expect(areClose(below, reference.belowLogDensity))
        #expect(areClose(above, reference.aboveLogDensity))
        #expect(areClose(zip(below, above).map { $0 - $1 }, reference.score))
    }

    @Test("real suggestions of hyperopt in a conditional space: the same scores, and the same winner of its candidates")
    func suggestions() throws {
        let cases = try Fixture.load("tpe-suggestions", as: [SuggestionCase].self)
        let space = try SuggestionCase.space()
        #expect(Set(cases.map { $0.labels["model"]?.best }).count == 3)
        for reference in cases {
            let split = TrialSplit(reference.history)
            for (label, expected) in reference.labels {
                let parameter = try #require(space.parameters[label])
                let score: [Double]
                switch try #require(LabelModel(parameter, split: split)) {
                case .numeric(_, let below, let above):
                    #expect(areClose(expected.candidates.map(below.logDensity), expected.belowLogDensity), "\(label)")
                    #expect(areClose(expected.candidates.map(above.logDensity), expected.aboveLogDensity), "\(label)")
                    score = expected.candidates.map { below.logDensity(at: $0) - above.logDensity(at: $0) }
                case .categorical(let prior, let below, let above):
                    let options = try expected.candidates.map { try #require(prior.option(of: .double($0))) }
                    #expect(areClose(options.map(below.logDensity), expected.belowLogDensity), "\(label)")
                    #expect(areClose(options.map(above.logDensity), expected.aboveLogDensity), "\(label)")
                    score = options.map { below.logDensity(at: $0) - above.logDensity(at: $0) }
                }
                let winner = try #require(score.indices.max { score[$0] < score[$1] })
                #expect(expected.candidates[winner] == expected.best, "\(label)")
            }
        }
    }

    @Test("the number of best trials grows with the square root of all, up to 25")
    func belowCount() {
        // min(int(ceil(0.25 * sqrt(n))), 25), computed with NumPy.
        let expected = [0: 0, 1: 1, 16: 1, 17: 2, 20: 2, 64: 2, 65: 3, 1000: 8, 9216: 24, 9217: 25, 100_000: 25]
        for (count, below) in expected { #expect(TrialSplit.belowCount(of: count) == below, "\(count)") }
    }

    @Test("of equal losses the older trial is better, whatever the order of the lists")
    func ties() {
        var history = TrialHistory()
        for number in [17, 3, 9, 5, 12] {
            let suggestion = Suggestion(values: ["x": .integer(Int64(number))])
            history.completed.append(.init(number: number, suggestion: suggestion, loss: number == 17 ? 2 : 1))
        }
        let (below, above) = TrialSplit(history).observations(of: "x") { $0.wholeNumber }
        #expect(below == [3])
        #expect(above == [5, 9, 12, 17])
    }

    @Test("int and float are hyperopt's uniform distributions on bounds with room for whole end points")
    func ownTypes() throws {
        let pairs: [(ParameterDomain, ParameterDomain, [Double])] = [
            (.float(min: -1, max: 3, isLog: false, step: nil), .uniform(low: -1, high: 3), [-1, 0.25, 3]),
            (
                .float(min: 0.01, max: 10, isLog: true, step: nil), .logUniform(low: log(0.01), high: log(10)),
                [0.01, 0.3, 10]
            ),
            (
                .integer(min: 1, max: 5, isLog: false, step: nil), .uniform(low: 0.5, high: 5.5, quantum: 1),
                [1, 2, 5]
            ),
            (
                .integer(min: 1, max: 64, isLog: true, step: nil),
                .logUniform(low: log(0.5), high: log(64.5), quantum: 1),
                [1, 2, 30, 64]
            ),
            (
                .float(min: 0, max: 1, isLog: false, step: 0.25), .uniform(low: -0.125, high: 1.125, quantum: 0.25),
                [0, 0.25, 1]
            ),
        ]
        for (ours, theirs, values) in pairs {
            var history = TrialHistory()
            for number in 1...40 {
                let suggestion = Suggestion(values: ["x": .double(values[number % values.count])])
                let loss = Double((number * 7) % 11)
                history.completed.append(.init(number: number, suggestion: suggestion, loss: loss))
            }
            let split = TrialSplit(history)
            guard
                case .numeric(let prior, let below, let above) = try #require(
                    LabelModel(Parameter(label: "x", domain: ours), split: split)
                ),
                case .numeric(_, let referenceBelow, let referenceAbove) = try #require(
                    LabelModel(Parameter(label: "x", domain: theirs), split: split)
                )
            else {
                Issue.record("no numeric model")
                return
            }
            for value in values {
                #expect(isClose(below.logDensity(at: value), referenceBelow.logDensity(at: value)))
                #expect(isClose(above.logDensity(at: value), referenceAbove.logDensity(at: value)))
                #expect(prior.labelValue(value).number == value)
            }
        }
    }
}
