public import SearchSpace
import TuningMath

/// The tree-structured Parzen estimator as hyperopt 0.3.0's `tpe.suggest` computes it with its defaults.
///
/// The first 20 trials are drawn at random. Then, for each label on its own and for the labels inside an option after the
/// choice, 24 candidates are drawn from a density of the best few trials, and the one is taken whose ratio to a density of
/// the other trials is largest. Open trials count as the worst ones; failed trials change nothing; `TrialSplit` says what
/// trials count for that were stopped early.
///
/// Bergstra, Bardenet, Bengio and Kégl (2011), "Algorithms for Hyper-Parameter Optimization"; hyperopt 0.3.0, `tpe.py`.
/// Departures: the random numbers are ours, equal losses and equal observations keep the order of their trials, and a
/// score that is not a number never wins.
public struct TPEHyperoptSampler: Sampler {
    private let space: SearchSpace
    private let seeds: SeedSequence
    private let exhaustion: SpaceExhaustion

    /// A sampler of `space`; `seed` fixes all of its draws.
    public init(space: SearchSpace, seed: UInt64) {
        self.space = space
        seeds = SeedSequence(seed: seed)
        exhaustion = SpaceExhaustion(space: space)
    }

    /// True: every result changes what comes next.
    public var learnsFromResults: Bool { true }

    /// The suggestion for one trial after the given ones.
    ///
    /// - Complexity: O(n log n) in the number of trials, for each label.
    public func suggest(trial: Int, history: TrialHistory) -> Suggestion {
        guard history.completed.count + history.pending.count >= TPESettings.startupTrials else {
            return space.sample(trial: trial, seeds: seeds, purposePrefix: "random")
        }
        let split = TrialSplit(history)
        return space.suggestion { parameter in
            var generator = seeds.generator(trial: trial, purpose: "tpe.\(parameter.label)")
            return LabelModel(parameter, split: split)?.best(using: &generator)
                ?? parameter.domain.sample(using: &generator)
        }
    }

    /// None once every point of a finite space was tried; otherwise there is no end.
    public func remaining(history: TrialHistory) -> Int? { exhaustion.remaining(history: history) }
}
