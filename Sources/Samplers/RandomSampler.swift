public import SearchSpace
import TuningMath

/// Independent draws from the search space.
///
/// Each value comes from a generator of its own (experiment's seed, trial number, label), so neither the order in which
/// trials are asked for nor other parameters change it.
public struct RandomSampler: Sampler {
    private let space: SearchSpace
    private let seeds: SeedSequence

    /// A sampler of `space`; `seed` fixes all of its suggestions.
    public init(space: SearchSpace, seed: UInt64) {
        self.space = space
        seeds = SeedSequence(seed: seed)
    }

    /// False: results change nothing.
    public var learnsFromResults: Bool { false }

    /// The draw for one trial; the history is not looked at.
    public func suggest(trial: Int, history: TrialHistory) -> Suggestion {
        space.sample(trial: trial, seeds: seeds, purposePrefix: "random")
    }

    /// No end: nothing is drawn only once.
    public func remaining(history: TrialHistory) -> Int? { nil }
}
