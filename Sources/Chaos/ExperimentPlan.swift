import TuningMath

/// The experiments of a chaos run, by a seed, as the texts of their files.
public struct ExperimentPlan: Sendable {
    /// Sorts of experiments, which take turns.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Short trials, random sampler.
        case random
        /// Short trials, every point of a grid.
        case grid
        /// Trials of several seconds, of which attempts may overlap.
        case slow
        /// Short trials, a sampler that learns.
        case tpe
        /// Trials of several seconds, of which attempts must not overlap.
        case exclusive

        /// Trials of one experiment.
        public var trials: Int {
            switch self {
            case .random, .tpe: 40
            case .grid: 48
            case .slow, .exclusive: 6
            }
        }

        /// Whether its trials are short.
        public var isShort: Bool { self != .slow && self != .exclusive }
    }

    /// An experiment to create.
    public struct Item: Sendable, Hashable {
        /// Its sort.
        public var kind: Kind
        /// Its file.
        public var text: String
    }

    private let seeds: SeedSequence
    private let trialProgram: String
    private let journal: String

    /// The experiments of a seed.
    /// - Parameters:
    ///   - trialProgram: path of `scripts/chaos.d/trial.c`, compiled.
    ///   - journal: path of the file that its processes append to.
    public init(seed: UInt64, trialProgram: String, journal: String) {
        seeds = SeedSequence(seed: seed)
        self.trialProgram = trialProgram
        self.journal = journal
    }

    /// Kinds in the order of their turns, of short or of long trials.
    public static func kinds(short isShort: Bool) -> [Kind] { Kind.allCases.filter { $0.isShort == isShort } }

    /// The experiment of an index, which counts from 0.
    public func item(_ index: Int, _ kind: Kind) -> Item {
        var generator = seeds.generator(trial: index, purpose: "chaos.experiment")
        let space =
            kind == .grid
            ? "{x: {type: int, min: 1, max: 8}, y: {type: int, min: 1, max: 6}}"
            : "{x: \"uniform(-5, 5)\", y: {type: int, min: 0, max: 40}}"
        let sampler =
            switch kind {
            case .grid: "grid"
            case .tpe: "tpe-hyperopt"
            case .random, .slow, .exclusive: "random"
            }
        // Many are lost on purpose; that must not use up what they are allowed.
        return Item(
            kind: kind,
            text: """
                name: chaos-\(index)-\(kind.rawValue)
                command: ["\(trialProgram)", "\(journal)", \(kind.isShort ? "short" : "slow"), "{x}", "{y}"]
                search_space: \(space)
                objective: {metric: loss, goal: minimize}
                sampler: {type: \(sampler), seed: \(generator.wholeNumber(below: 1 << 31))}
                limits: {max_trials: \(kind.trials)}
                retries: {lost: 100, failed: 1}
                retry_delay: \(kind.isShort ? "100ms" : "0s")
                fail_fast: false
                grace: 1s
                \(kind == .exclusive ? "exclusive: true" : "description: A chaos run.")

                """
        )
    }
}
