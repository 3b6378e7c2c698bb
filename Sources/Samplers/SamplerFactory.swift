public import ExperimentModel
public import SearchSpace

/// Makes the sampler that an experiment asks for.
public enum SamplerFactory {
    /// The sampler of a definition, for its search space, with its seed.
    ///
    /// - Throws: when the sampler cannot serve the space; ``problems(for:space:)`` tells beforehand.
    public static func makeSampler(for definition: ExperimentDefinition) throws(SamplerError) -> any Sampler {
        let space = definition.searchSpace
        let seed = definition.sampler.seed
        switch definition.sampler.kind {
        case .random: return RandomSampler(space: space, seed: seed)
        case .grid: return try GridSampler(space: space, initial: definition.initial)
        case .tpeHyperopt: return TPEHyperoptSampler(space: space, seed: seed)
        }
    }

    /// Why a sampler cannot serve a space; empty when it can.
    public static func problems(for kind: SamplerSpecification.Kind, space: SearchSpace) -> [SamplerError] {
        switch kind {
        case .random, .tpeHyperopt: return []
        case .grid:
            guard case .infinite(let labels) = space.cardinality else { return [] }
            return [.infiniteGrid(labels: labels)]
        }
    }
}
