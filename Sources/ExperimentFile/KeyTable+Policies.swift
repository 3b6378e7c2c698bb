import ExperimentModel

/// The settings of each early-termination policy, a table each; `type` stands beside them in the file.
extension KeyTable {
    /// In the order of the policies.
    static let policies = PolicySpecification.Kind.allCases.map(policy)

    /// Whether the table is that of a policy.
    var isPolicy: Bool { name.flatMap(PolicySpecification.Kind.init) != nil }

    /// The settings of a policy.
    static func policy(_ kind: PolicySpecification.Kind) -> KeyTable {
        let type = (key: PolicyReader.typeKey, value: kind.rawValue)
        switch kind {
        case .bandit: return KeyTable("bandit", bandit + timing, frame: [type, ("slack_factor", "0.1")], oneOf: slacks)
        case .medianStopping: return KeyTable("median_stopping", median + timing, frame: [type])
        case .truncationSelection:
            return KeyTable(
                "truncation_selection",
                truncation + timing,
                frame: [type, ("truncation_percentage", "20")]
            )
        case .asha: return KeyTable("asha", halving + [delay], frame: [type])
        case .decayCurve:
            return KeyTable("decay_curve", extrapolation + timing, frame: [type, ("max_resource", "50")])
        case .threshold: return KeyTable("threshold", bounds + timing, frame: [type, ("lower", "-1e9")])
        case .notFinite: return KeyTable("not_finite", timing, frame: [type])
        }
    }

    /// Of these keys of a bandit, one is needed.
    static let slacks = ["slack_factor", "slack_amount"]

    private static let bandit = [
        FileKey(
            "slack_factor",
            .other("number from 0"),
            .note("none; this or `slack_amount` is **required**"),
            "how far a trial may be behind the best one at the same report, as a share: with 0.1, stopped when the best of all "
                + "is more than 1.1 times its own best",
            example: "0.1"
        ),
        FileKey(
            "slack_amount",
            .other("number from 0"),
            .note("none; this or `slack_factor` is **required**"),
            "the same in units of the objective",
            example: "0.05"
        ),
    ]

    private static let median = [
        FileKey(
            "min_trials",
            .wholeNumber(PolicySpecification.MedianSettings.leastTrialsRange),
            .value("\(PolicySpecification.MedianSettings().leastTrials)"),
            "trials that must have come as far before any is stopped there",
            example: "5"
        ),
        FileKey(
            "percentile",
            .other("number from 0 to 100"),
            .value("50"),
            "share of trials in per cent that are worse than the mark: 50 is the median, less stops fewer",
            example: "25"
        ),
        FileKey(
            "patience",
            .wholeNumber(PolicySpecification.MedianSettings.patienceRange),
            .value("\(PolicySpecification.MedianSettings().patience)"),
            "evaluations in a row at which a trial must be worse before it is stopped",
            example: "3"
        ),
    ]

    private static let truncation = [
        FileKey(
            "truncation_percentage",
            .wholeNumber(PolicySpecification.truncationPercentages),
            .mistake,
            "how many of the trials that came as far are stopped, the worst, in per cent",
            example: "20"
        ),
        FileKey(
            "exclude_finished_jobs",
            .truth,
            .value("false"),
            "whether trials that have ended are left out of the count",
            example: "true"
        ),
    ]

    private static let halving = [
        FileKey(
            "reduction_factor",
            .wholeNumber(PolicySpecification.HalvingSettings.reductionFactors),
            .value("\(PolicySpecification.HalvingSettings().reductionFactor)"),
            "one trial in so many goes on at each rung, and rungs are so many times apart",
            example: "4"
        ),
        FileKey(
            "min_resource",
            .wholeNumber(PolicySpecification.HalvingSettings.firstRungs),
            .value("\(PolicySpecification.HalvingSettings().firstRung)"),
            "the report at which the first rung is",
            example: "2"
        ),
        FileKey(
            "max_resource",
            .wholeNumber(PolicySpecification.HalvingSettings.largestIntervals),
            .note("none"),
            "no rung at this report or later: how many reports a whole trial makes",
            example: "81"
        ),
        FileKey(
            "brackets",
            .wholeNumber(PolicySpecification.HalvingSettings.bracketsRange),
            .value("\(PolicySpecification.HalvingSettings().brackets)"),
            "Hyperband: trials are dealt to so many ladders of rungs, each of which begins one rung later",
            example: "3"
        ),
    ]

    private static let extrapolation = [
        FileKey(
            "max_resource",
            .wholeNumber(PolicySpecification.DecaySettings.largestIntervals),
            .mistake,
            "the report to which curves are extrapolated: how many a whole trial makes",
            example: "50"
        ),
        FileKey(
            "confidence",
            .other("number from 0.5 to 0.999"),
            .value("0.95"),
            "how sure it must be that the trial stays behind, as a probability",
            example: "0.99"
        ),
    ]

    private static let bounds = [
        FileKey(
            "lower",
            .number,
            .note("none; this or `upper` is **required**"),
            "a trial that reports less is stopped",
            example: "-0.5"
        ),
        FileKey(
            "upper",
            .number,
            .note("none; this or `lower` is **required**"),
            "a trial that reports more is stopped",
            example: "10"
        ),
    ]

    private static let timing = [
        FileKey(
            "evaluation_interval",
            .wholeNumber(0...PolicySpecification.evaluationIntervals.upperBound),
            .value("1"),
            "the policy is applied at every so manieth report of the objective; 0 means 1",
            example: "2"
        ),
        delay,
    ]

    private static let delay = FileKey(
        "delay_evaluation",
        .wholeNumber(PolicySpecification.delays),
        .value("0"),
        "the policy is not applied before this report",
        example: "5"
    )
}

extension PolicySpecification.Kind {
    /// What it does, one line, with code between backquotes.
    var meaning: String {
        switch self {
        case .bandit: "stops what is further behind the best trial at the same report than a slack"
        case .medianStopping: "stops what is worse than the median of the trials' running averages at the same report"
        case .truncationSelection: "stops a share of the trials that came as far, the worst"
        case .asha: "asynchronous successive halving: at reports further and further apart, only the best part goes on"
        case .decayCurve: "stops what stays behind the best even when its curve is extrapolated with hope"
        case .threshold: "stops what reports a value outside of bounds"
        case .notFinite: "stops what reports NaN or an infinity"
        }
    }
}
