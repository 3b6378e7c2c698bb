public import SearchSpace
import TuningMath

/// Independent draws from the search space.
///
/// Each value comes from a generator of its own (experiment's seed, trial number, label), so neither the order in which
/// trials are asked for nor other parameters change it.
public struct RandomSampler: Sampler {
    private let space: SearchSpace
    private let seeds: SeedSequence
    private let exhaustion: SpaceExhaustion

    /// A sampler of `space`; `seed` fixes all of its suggestions.
    public init(space: SearchSpace, seed: UInt64) {
        self.space = space
        seeds = SeedSequence(seed: seed)
        exhaustion = SpaceExhaustion(space: space)
    }

    /// False: results change nothing.
    public var learnsFromResults: Bool { false }

    /// The draw for one trial; the history is not looked at.
    public func suggest(trial: Int, history: TrialHistory) -> Suggestion {
        space.sample(trial: trial, seeds: seeds, purposePrefix: "random")
    }

    /// None once every point of a finite space was tried; otherwise there is no end.
    public func remaining(history: TrialHistory) -> Int? { exhaustion.remaining(history: history) }
}
