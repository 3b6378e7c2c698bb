import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@testable import Samplers

/// What holds for every sampler.
@Suite("Every sampler")
struct SamplerConformanceTests {
    typealias Kind = SamplerSpecification.Kind

    /// A space that the sampler can serve, as rich as possible.
    private func space(for kind: Kind) throws -> SearchSpace {
        guard kind == .grid else { return try SamplerSpaces.everything() }
        return try SearchSpace(root: [
            "q": SamplerSpaces.parameter("q", .uniform(low: 1, high: 10, quantum: 4)),
            "r": SamplerSpaces.parameter("r", .randomInteger(low: -2, high: 2)),
            "model": SamplerSpaces.parameter(
                "model",
                .choice([
                    .mapping(["depth": SamplerSpaces.parameter("depth", SamplerSpaces.whole(1, 12))]),
                    .mapping(["rate": SamplerSpaces.parameter("rate", .float(min: 0, max: 1, isLog: false, step: 0.1))]
                    ),
                ])
            ),
        ])
    }

    /// Completed, open and failed trials, with losses that have ties.
    private func history(_ sampler: any Sampler, count: Int) throws -> TrialHistory {
        var history = TrialHistory()
        for number in 1...count {
            let suggestion = try sampler.suggest(trial: number, history: history)
            switch number % 7 {
            case 0: history.failed.append(.init(number: number, suggestion: suggestion))
            case 1: history.pending.append(.init(number: number, suggestion: suggestion))
            default:
                let loss = Double((number * 31) % 13)
                history.completed.append(.init(number: number, suggestion: suggestion, loss: loss))
            }
        }
        return history
    }

    @Test("suggests active values within their domains, after any number of trials", arguments: Kind.allCases)
    func bounds(kind: Kind) throws {
        let space = try space(for: kind)
        let sampler = try SamplerFactory.makeSampler(for: SamplerSpaces.definition(kind, space))
        let history = try history(sampler, count: 60)
        for suggestion in history.completed.map(\.suggestion) + history.pending.map(\.suggestion) {
            _ = try space.assignment(for: suggestion)
            #expect(space.canonical(suggestion) == suggestion)
        }
    }

    @Test("is a function of its arguments", arguments: Kind.allCases)
    func deterministic(kind: Kind) throws {
        let definition = SamplerSpaces.definition(kind, try space(for: kind))
        let sampler = try SamplerFactory.makeSampler(for: definition)
        let history = try history(sampler, count: 50)
        let expected = try sampler.suggest(trial: 51, history: history)
        // One that has seen nothing before, and one that has seen something else.
        let fresh = try SamplerFactory.makeSampler(for: definition)
        #expect(try fresh.suggest(trial: 51, history: history) == expected)
        #expect(fresh.remaining(history: history) == sampler.remaining(history: history))
        _ = try sampler.suggest(trial: 2, history: TrialHistory())
        #expect(try sampler.suggest(trial: 51, history: history) == expected)

        var shuffled = history
        shuffled.completed.reverse()
        shuffled.pending.reverse()
        shuffled.failed.reverse()
        #expect(try fresh.suggest(trial: 51, history: shuffled) == expected)
    }

    @Test("has a suggestion with no history, one trial, and only failed or only open ones", arguments: Kind.allCases)
    func degenerate(kind: Kind) throws {
        let space = try space(for: kind)
        let sampler = try SamplerFactory.makeSampler(for: SamplerSpaces.definition(kind, space))
        let open = try (1...30).map { number in
            TrialHistory.Open(number: number, suggestion: try sampler.suggest(trial: number, history: TrialHistory()))
        }
        let one = TrialHistory.Completed(number: 1, suggestion: open[0].suggestion, loss: 1)
        let histories = [
            TrialHistory(), TrialHistory(completed: [one]), TrialHistory(failed: open), TrialHistory(pending: open),
        ]
        for history in histories {
            _ = try space.assignment(for: try sampler.suggest(trial: 31, history: history))
            #expect(sampler.remaining(history: history) != 0)
        }
    }

    @Test("extreme losses and values make no trouble", arguments: Kind.allCases)
    func extremes(kind: Kind) throws {
        let space = try space(for: kind)
        let sampler = try SamplerFactory.makeSampler(for: SamplerSpaces.definition(kind, space))
        var history = try history(sampler, count: 40)
        let losses = [Double.greatestFiniteMagnitude, -Double.greatestFiniteMagnitude, 0, .leastNonzeroMagnitude]
        for index in history.completed.indices {
            history.completed[index].loss = losses[index % losses.count]
            for (label, value) in history.completed[index].suggestion.values {
                guard case .double = value, label.contains("normal") else { continue }
                let isLog = label.contains("log")
                let values: [Double] = isLog ? [.leastNonzeroMagnitude, 1e300, 0] : [-1e300, 1e300, 0]
                history.completed[index].suggestion.values[label] = .double(values[index % values.count])
            }
        }
        for number in 41...60 {
            _ = try space.assignment(for: try sampler.suggest(trial: number, history: history))
        }
    }

    @Test("ends when every point of a finite space was tried, whatever became of the trials", arguments: Kind.allCases)
    func exhaustion(kind: Kind) throws {
        let space = try SamplerSpaces.conditional()
        let sampler = try SamplerFactory.makeSampler(for: SamplerSpaces.definition(kind, space))
        let points = Array(try SpaceGrid(space))
        try #require(points.count == 9)
        var history = TrialHistory()
        for (index, point) in points.enumerated() {
            #expect(sampler.remaining(history: history) == (kind == .grid ? 9 - index : nil))
            switch index % 3 {
            case 0: history.failed.append(.init(number: index + 1, suggestion: point))
            case 1: history.pending.append(.init(number: index + 1, suggestion: point))
            default: history.completed.append(.init(number: index + 1, suggestion: point, loss: 1))
            }
        }
        #expect(sampler.remaining(history: history) == 0)
        // The same points twice are no more points.
        let repeated = TrialHistory(failed: (1...20).map { .init(number: $0, suggestion: points[$0 % 8]) })
        #expect(sampler.remaining(history: repeated) == (kind == .grid ? 1 : nil))
    }
}
