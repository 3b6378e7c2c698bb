import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@testable import Samplers

@Suite("Grid sampler")
struct GridSamplerTests {
    private static func twoByThree() throws -> SearchSpace {
        try SearchSpace(root: [
            "a": SamplerSpaces.parameter("a", SamplerSpaces.options(16, 32)),
            "b": SamplerSpaces.parameter("b", SamplerSpaces.whole(1, 3)),
        ])
    }

    private func point(_ a: Int64, _ b: Int64) -> Suggestion {
        Suggestion(values: ["a": .integer(a), "b": .integer(b)])
    }

    @Test("suggests every point once, in the order of the space, and then ends")
    func once() throws {
        for space in [try Self.twoByThree(), try SamplerSpaces.conditional()] {
            let sampler = try GridSampler(space: space)
            let points = Array(try SpaceGrid(space))
            let history = try SamplerSpaces.extended(by: points.count, with: sampler) { _ in 1 }
            #expect(history.completed.map(\.suggestion) == points)
            #expect(sampler.remaining(history: history) == 0)
            #expect(throws: SamplerError.exhausted) { try sampler.suggest(trial: 99, history: history) }
        }
    }

    @Test("a restart in the middle goes on where the history ends")
    func restart() throws {
        let space = try SamplerSpaces.conditional()
        var history = TrialHistory()
        for _ in 1...9 {
            // A sampler of its own for every trial.
            history = try SamplerSpaces.extended(history, by: 1, with: try GridSampler(space: space)) { _ in 1 }
        }
        #expect(history.completed.map(\.suggestion) == Array(try SpaceGrid(space)))
    }

    @Test("open and failed trials hold their points; the point of a trial that is gone comes again")
    func holes() throws {
        let sampler = try GridSampler(space: try Self.twoByThree())
        var history = TrialHistory(
            completed: [.init(number: 1, suggestion: point(0, 1), loss: 1)],
            failed: [.init(number: 2, suggestion: point(0, 2))],
            pending: [.init(number: 3, suggestion: point(0, 3))]
        )
        #expect(try sampler.suggest(trial: 4, history: history) == point(1, 1))
        #expect(sampler.remaining(history: history) == 3)
        history.failed = []
        #expect(try sampler.suggest(trial: 4, history: history) == point(0, 2))
        #expect(sampler.remaining(history: history) == 4)
        // Another trial under the same number, as in another experiment.
        history.pending[0].suggestion = point(1, 2)
        #expect(try sampler.suggest(trial: 4, history: history) == point(0, 2))
        history.failed = [.init(number: 2, suggestion: point(0, 2))]
        #expect(try sampler.suggest(trial: 4, history: history) == point(0, 3))
    }

    @Test("the points tried first are skipped when they fix everything; those of a person come again")
    func givenPoints() throws {
        let space = try Self.twoByThree()
        let partial = Suggestion(values: ["a": .integer(0)])
        let sampler = try GridSampler(space: space, initial: [point(0, 2), partial])
        var history = TrialHistory(
            completed: [
                .init(number: 1, suggestion: point(0, 2), isSampled: false, loss: 1),
                .init(number: 2, suggestion: point(0, 1), isSampled: false, loss: 1),
                .init(number: 3, suggestion: point(1, 3), isSampled: false, loss: 1),
            ]
        )
        #expect(sampler.remaining(history: history) == 5)
        history = try SamplerSpaces.extended(history, by: 5, with: sampler) { _ in 1 }
        #expect(
            history.completed.filter(\.isSampled).map(\.suggestion)
                == [point(0, 1), point(0, 3), point(1, 1), point(1, 2), point(1, 3)]
        )
        #expect(sampler.remaining(history: history) == 0)
    }

    @Test("a huge grid is walked, not made")
    func huge() throws {
        let domain = SamplerSpaces.whole(1, 1_000_000_000)
        var root: OrderedDictionary<String, SpaceNode> = [:]
        for label in ["a", "b", "c", "d"] { root[label] = SamplerSpaces.parameter(label, domain) }
        let sampler = try GridSampler(space: try SearchSpace(root: root))
        let history = try SamplerSpaces.extended(by: 50, with: sampler) { _ in 1 }
        #expect(history.completed.map { $0.suggestion.values["d"] } == (1...50).map { .integer($0) })
        #expect(history.completed.allSatisfy { $0.suggestion.values["a"] == .integer(1) })
        #expect(sampler.remaining(history: history) == nil)
    }

    @Test("continuous parameters are refused by name, by the factory too")
    func infinite() throws {
        let space = try SearchSpace(root: [
            "n": SamplerSpaces.parameter("n", SamplerSpaces.whole(1, 3)),
            "lr": SamplerSpaces.parameter("lr", .logUniform(low: -5, high: 0)),
            "z": SamplerSpaces.parameter("z", .normal(mu: 0, sigma: 1, quantum: 1)),
        ])
        let expected = SamplerError.infiniteGrid(labels: ["lr", "z"])
        #expect(throws: expected) { try GridSampler(space: space) }
        #expect(throws: expected) { try SamplerFactory.makeSampler(for: SamplerSpaces.definition(.grid, space)) }
        #expect(SamplerFactory.problems(for: .grid, space: space) == [expected])
        #expect(SamplerFactory.problems(for: .tpeHyperopt, space: space).isEmpty)
        #expect("\(expected)".contains("\"lr\", \"z\" have infinitely many values"))
        #expect(SamplerFactory.problems(for: .grid, space: try Self.twoByThree()).isEmpty)
    }
}
