/// One early-termination policy of an experiment, as its file names it: when which running trial is stopped.
///
/// An interval is the n-th report of the objective within an attempt, counted from 1, whatever step it names. A policy is
/// applied at interval n when n is a multiple of ``evaluationInterval`` and at least ``delayEvaluation``. What the rules mean
/// exactly stands with their implementations in the module `EarlyTermination`.
public struct PolicySpecification: Sendable, Hashable {
    /// How far behind the best a trial may be.
    public enum Slack: Sendable, Hashable {
        /// As a share of the best value, such as 0.2.
        case factor(Double)
        /// In units of the objective.
        case amount(Double)
    }

    /// The rule of a policy.
    public enum Rule: Sendable, Hashable {
        /// Stops what is further than the slack behind the best trial at the same interval.
        case bandit(Slack)
        /// Stops what is worse than a percentile (50: the median) of the running averages of all trials at the same interval.
        case medianStopping(MedianSettings)
        /// Stops the given percentage of trials, 1 to 99, the worst at the same interval.
        case truncationSelection(percentage: Int, excludesFinished: Bool)
        /// Asynchronous successive halving, the variant that stops.
        case asha(HalvingSettings)
        /// Stops what stays behind the best even when its curve is extrapolated with hope.
        case decayCurve(DecaySettings)
        /// Stops what reports a value outside of these bounds.
        case threshold(lower: Double?, upper: Double?)
        /// Stops what reports NaN or an infinity.
        case notFinite
    }

    /// Settings of the median rule; the defaults are HyperDrive's rule.
    public struct MedianSettings: Sendable, Hashable {
        /// Trials that must have reached the interval before any is stopped there.
        public var leastTrials: Int
        /// Share of trials, in per cent, that are worse than the threshold: 50 is the median, less stops fewer.
        public var percentile: Double
        /// Evaluations in a row at which a trial must be worse before it is stopped.
        public var patience: Int

        /// Settings.
        public init(leastTrials: Int = 1, percentile: Double = 50, patience: Int = 1) {
            self.leastTrials = leastTrials
            self.percentile = percentile
            self.patience = patience
        }
    }

    /// Settings of successive halving.
    public struct HalvingSettings: Sendable, Hashable {
        /// Of the trials that reach a rung, the best one in so many go on; rungs are so many times apart. At least 2.
        public var reductionFactor: Int
        /// The interval of the first rung.
        public var firstRung: Int
        /// No rung at this interval or beyond it; `nil` means without end.
        public var largestInterval: Int?
        /// Brackets of Hyperband: the trials are dealt to so many ladders of rungs, each of which begins one rung later.
        public var brackets: Int

        /// Settings.
        public init(reductionFactor: Int = 3, firstRung: Int = 1, largestInterval: Int? = nil, brackets: Int = 1) {
            self.reductionFactor = reductionFactor
            self.firstRung = firstRung
            self.largestInterval = largestInterval
            self.brackets = brackets
        }
    }

    /// Settings of the extrapolation of curves.
    public struct DecaySettings: Sendable, Hashable {
        /// The interval to which curves are extrapolated: where trials end by themselves.
        public var largestInterval: Int
        /// How sure it must be that a trial stays behind: the probability by the fitted curve.
        public var confidence: Double

        /// Settings.
        public init(largestInterval: Int, confidence: Double = 0.95) {
            self.largestInterval = largestInterval
            self.confidence = confidence
        }
    }

    /// The rule.
    public var rule: Rule
    /// Applied at multiples of this interval; at least 1. Successive halving has rungs instead.
    public var evaluationInterval: Int
    /// Not applied before this interval.
    public var delayEvaluation: Int

    /// A policy.
    public init(_ rule: Rule, evaluationInterval: Int = 1, delayEvaluation: Int = 0) {
        self.rule = rule
        self.evaluationInterval = evaluationInterval
        self.delayEvaluation = delayEvaluation
    }

    /// Whether the policy is applied at an interval.
    public func applies(at interval: Int) -> Bool {
        interval >= delayEvaluation && interval.isMultiple(of: max(1, evaluationInterval))
    }

    /// The names of rules in files and documents.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case bandit
        case medianStopping = "median_stopping"
        case truncationSelection = "truncation_selection"
        case asha
        case decayCurve = "decay_curve"
        case threshold
        case notFinite = "not_finite"
    }

    /// The name of the rule.
    public var kind: Kind {
        switch rule {
        case .bandit: .bandit
        case .medianStopping: .medianStopping
        case .truncationSelection: .truncationSelection
        case .asha: .asha
        case .decayCurve: .decayCurve
        case .threshold: .threshold
        case .notFinite: .notFinite
        }
    }
}
