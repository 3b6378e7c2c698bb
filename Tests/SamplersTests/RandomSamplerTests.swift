import ExperimentModel
import Foundation
import OrderedCollections
import Samplers
import SearchSpace
import Testing

@Suite("Random sampler")
struct RandomSamplerTests {
    private static func space() throws -> SearchSpace {
        try SearchSpace(root: [
            "x": .parameter(Parameter(label: "x", domain: .uniform(low: -5, high: 5))),
            "lr": .parameter(Parameter(label: "lr", domain: .logUniform(low: -9, high: -2))),
            "layers": .parameter(Parameter(label: "layers", domain: .integer(min: 1, max: 5, isLog: false, step: nil))),
            "kernel": .parameter(
                Parameter(label: "kernel", domain: .choice([.constant("rbf"), .constant("poly"), .constant("linear")]))
            ),
        ])
    }

    /// Made with an implementation in another language from the documented rules. If this fails, stored experiments
    /// no longer repeat: do not change the numbers.
    @Test(
        "gives the same trials for ever",
        arguments: [
            (1, 2.3206902545488903, 0.0003545325020987447, 3, 0),
            (2, 3.952520456432687, 0.006012287535912061, 4, 0),
            (3, 3.3346285319462616, 0.00029932930101422167, 2, 2),
        ] as [(Int, Double, Double, Int64, Int64)]
    )
    func pinned(trial: Int, x: Double, lr: Double, layers: Int64, kernel: Int64) throws {
        let sampler = RandomSampler(space: try Self.space(), seed: 7)
        let values = sampler.suggest(trial: trial, history: TrialHistory()).values
        #expect(values["x"] == .double(x))
        // The C library's exp may differ in the last place.
        #expect(abs((values["lr"]?.number ?? 0) - lr) <= 1e-12 * lr)
        #expect(values["layers"] == .integer(layers))
        #expect(values["kernel"] == .integer(kernel))
    }

    @Test("does not look at the history, nor at the order of asking")
    func stateless() throws {
        let sampler = RandomSampler(space: try Self.space(), seed: 3)
        let alone = sampler.suggest(trial: 5, history: TrialHistory())
        let completed = (1...4).map { number in
            TrialHistory.Completed(
                number: number,
                suggestion: sampler.suggest(trial: number, history: TrialHistory()),
                loss: 1
            )
        }
        #expect(sampler.suggest(trial: 5, history: TrialHistory(completed: completed)) == alone)
        #expect(!sampler.learnsFromResults)
        #expect(RandomSampler(space: try Self.space(), seed: 4).suggest(trial: 5, history: TrialHistory()) != alone)
    }

    @Test("every suggestion lies in the space")
    func inside() throws {
        let space = try Self.space()
        let sampler = RandomSampler(space: space, seed: 1)
        for trial in 1...200 {
            let assignment = try space.assignment(for: sampler.suggest(trial: trial, history: TrialHistory()))
            #expect(Array(assignment.keys) == ["x", "lr", "layers", "kernel"])
        }
    }

    @Test("the factory makes what the definition names")
    func factory() throws {
        let definition = ExperimentDefinition(
            name: "n",
            command: .shell("true"),
            searchSpace: try Self.space(),
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: .random, seed: 7),
            limits: Limits(maxTrials: 1),
            workingDirectory: "/"
        )
        let sampler = try SamplerFactory.makeSampler(for: definition)
        let expected = RandomSampler(space: try Self.space(), seed: 7).suggest(trial: 1, history: TrialHistory())
        #expect(try sampler.suggest(trial: 1, history: TrialHistory()) == expected)
    }
}
