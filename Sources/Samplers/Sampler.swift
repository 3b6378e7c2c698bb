public import ExperimentModel
public import SearchSpace

/// Proposes the assignments of an experiment.
///
/// A sampler is a function of its search space, its seed and the history that it is given: equal arguments give equal
/// suggestions, in any process. It keeps no state of its own, so a server may be replaced at any moment.
public protocol Sampler: Sendable {
    /// Whether suggestions depend on results; if not, trials may be prepared ahead at no loss.
    var learnsFromResults: Bool { get }

    /// The suggestion for one trial, whose number counts from 1.
    func suggest(trial: Int, history: TrialHistory) throws -> Suggestion

    /// Suggestions that are left before the search space is exhausted; `nil` when there is no end to them.
    func remaining(history: TrialHistory) -> Int?
}

/// Makes the sampler that an experiment asks for.
public enum SamplerFactory {
    /// The sampler of a definition, for its search space, with its seed.
    public static func makeSampler(for definition: ExperimentDefinition) -> any Sampler {
        switch definition.sampler.kind {
        case .random, .grid, .tpeHyperopt:
            RandomSampler(space: definition.searchSpace, seed: definition.sampler.seed)
        }
    }
}
