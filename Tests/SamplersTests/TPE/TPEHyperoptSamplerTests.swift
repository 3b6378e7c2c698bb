import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@testable import Samplers

@Suite("TPE sampler")
struct TPEHyperoptSamplerTests {
    private func history(_ space: SearchSpace, count: Int) throws -> TrialHistory {
        try SamplerSpaces.extended(by: count, with: RandomSampler(space: space, seed: 5)) { suggestion in
            let x = suggestion.values["uniform"]?.number ?? 0
            return (x - 2) * (x - 2)
        }
    }

    @Test("starts with 20 draws of the random sampler, counting open trials and not failed ones")
    func startup() throws {
        let space = try SamplerSpaces.everything()
        let sampler = TPEHyperoptSampler(space: space, seed: 3)
        let random = RandomSampler(space: space, seed: 3)
        var history = try history(space, count: 19)
        #expect(sampler.suggest(trial: 40, history: history) == random.suggest(trial: 40, history: history))
        let open = TrialHistory.Open(number: 20, suggestion: history.completed[0].suggestion)
        history.failed = (21...40).map { .init(number: $0, suggestion: open.suggestion) }
        #expect(sampler.suggest(trial: 41, history: history) == random.suggest(trial: 41, history: history))
        history.pending = [open]
        #expect(sampler.suggest(trial: 41, history: history) != random.suggest(trial: 41, history: history))
    }

    @Test("failed trials change nothing")
    func failed() throws {
        let space = try SamplerSpaces.everything()
        let sampler = TPEHyperoptSampler(space: space, seed: 3)
        let clean = try history(space, count: 50)
        var poisoned = clean
        poisoned.failed = try history(space, count: 400).completed.suffix(350).map {
            .init(number: $0.number, suggestion: $0.suggestion)
        }
        for trial in 401...410 {
            #expect(sampler.suggest(trial: trial, history: poisoned) == sampler.suggest(trial: trial, history: clean))
        }
    }

    @Test("open trials count as the worst: the model moves away from them")
    func pending() throws {
        let space = try SearchSpace(root: ["uniform": SamplerSpaces.parameter("uniform", .uniform(low: -5, high: 5))])
        let history = try history(space, count: 40)
        var crowded = history
        crowded.pending = (41...60).map { .init(number: $0, suggestion: Suggestion(values: ["uniform": .double(2)])) }
        let parameter = try #require(space.parameters["uniform"])
        func score(_ history: TrialHistory) throws -> Double {
            guard
                case .numeric(_, let below, let above) = try #require(
                    LabelModel(parameter, split: TrialSplit(history))
                )
            else { return .nan }
            return below.logDensity(at: 2) - above.logDensity(at: 2)
        }
        #expect(try score(crowded) < score(history) - 1)
        #expect(try score(history) > 0)
    }

    @Test("other parameters do not change what one is given")
    func independence() throws {
        let alone = try SearchSpace(root: ["uniform": SamplerSpaces.parameter("uniform", .uniform(low: -5, high: 5))])
        let history = try history(try SamplerSpaces.everything(), count: 60)
        var reduced = history
        for index in reduced.completed.indices {
            let value = try #require(history.completed[index].suggestion.values["uniform"])
            reduced.completed[index].suggestion = Suggestion(values: ["uniform": value])
        }
        let all = TPEHyperoptSampler(space: try SamplerSpaces.everything(), seed: 9)
        let one = TPEHyperoptSampler(space: alone, seed: 9)
        for trial in 61...65 {
            let expected = all.suggest(trial: trial, history: history).values["uniform"]
            #expect(one.suggest(trial: trial, history: reduced).values["uniform"] == expected)
        }
    }

    @Test("an option that was never tried is tried, its labels drawn from their priors; inactive labels get no value")
    func conditions() throws {
        let space = try SamplerSpaces.conditional()
        let sampler = TPEHyperoptSampler(space: space, seed: 1)
        func kernels(_ history: TrialHistory) throws -> [Int64: Int] {
            var kernels: [Int64: Int] = [:]
            for trial in 31...80 {
                let suggestion = sampler.suggest(trial: trial, history: history)
                let kernel = try #require(suggestion.values["kernel"]?.wholeNumber)
                kernels[kernel, default: 0] += 1
                #expect((suggestion.values["degree"] != nil) == (kernel == 1))
            }
            return kernels
        }
        var history = TrialHistory()
        for number in 1...30 {
            let suggestion = Suggestion(values: ["kernel": .integer(0), "C": .integer(Int64(1 + number % 3))])
            history.completed.append(.init(number: number, suggestion: suggestion, loss: Double(number % 3)))
        }
        // log l - log g is log(1/4) - log(1/30) for the option without observations, below 0 for the other.
        #expect(try kernels(history)[1, default: 0] >= 45)

        for index in history.completed.indices where index % 3 == 0 {
            history.completed[index].loss = 10
            history.completed[index].suggestion.values["kernel"] = .integer(1)
            history.completed[index].suggestion.values["degree"] = .integer(2)
        }
        #expect(try kernels(history)[0, default: 0] >= 45)
    }
}
