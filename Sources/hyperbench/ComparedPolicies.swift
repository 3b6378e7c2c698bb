import ExperimentModel

/// The policies that `hyperbench early-stop` compares, as an experiment file would name them.
enum ComparedPolicies {
    /// Where the policies that look at every interval begin.
    static func delay(epochs: Int) -> Int { epochs / 20 }

    /// - Parameter epochs: of a trial that is not stopped.
    static func all(epochs: Int) -> [(name: String, policies: [PolicySpecification])] {
        let delay = delay(epochs: epochs)
        return [
            ("none", []),
            ("bandit 0.1", [PolicySpecification(.bandit(.factor(0.1)), delayEvaluation: delay)]),
            ("bandit 0.5", [PolicySpecification(.bandit(.factor(0.5)), delayEvaluation: delay)]),
            ("median", [PolicySpecification(.medianStopping(.init()), delayEvaluation: delay)]),
            (
                "median, 5 trials, patience 5",
                [PolicySpecification(.medianStopping(.init(leastTrials: 5, patience: 5)), delayEvaluation: delay)]
            ),
            (
                "median, percentile 25",
                [PolicySpecification(.medianStopping(.init(leastTrials: 5, percentile: 25)), delayEvaluation: delay)]
            ),
            (
                "median, 5 trials, from \(epochs / 2)",
                [PolicySpecification(.medianStopping(.init(leastTrials: 5)), delayEvaluation: epochs / 2)]
            ),
            (
                "truncation 20 %",
                [
                    PolicySpecification(
                        .truncationSelection(percentage: 20, excludesFinished: false),
                        evaluationInterval: delay,
                        delayEvaluation: delay
                    )
                ]
            ),
            (
                "truncation 50 %",
                [
                    PolicySpecification(
                        .truncationSelection(percentage: 50, excludesFinished: false),
                        evaluationInterval: delay,
                        delayEvaluation: delay
                    )
                ]
            ),
            ("asha 3", [PolicySpecification(.asha(.init(largestInterval: epochs)))]),
            (
                "asha 3, first rung \(epochs / 5)",
                [PolicySpecification(.asha(.init(firstRung: epochs / 5, largestInterval: epochs)))]
            ),
            ("hyperband 3, 4 brackets", [PolicySpecification(.asha(.init(largestInterval: epochs, brackets: 4)))]),
            ("decay_curve 0.95", [PolicySpecification(.decayCurve(.init(largestInterval: epochs)))]),
            ("decay_curve 0.99", [PolicySpecification(.decayCurve(.init(largestInterval: epochs, confidence: 0.99)))]),
        ]
    }
}
