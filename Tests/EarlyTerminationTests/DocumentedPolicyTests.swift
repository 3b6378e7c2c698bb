import EarlyTermination
import ExperimentModel
import Testing

@Suite("Policies do what their documentation shows")
struct DocumentedPolicyTests {
    @Test("bandit: of a best of 0.8, a slack factor of 0.2 stops below 0.667, an amount of 0.2 below 0.6")
    func documentedBandit() {
        for (slack, stopped, kept) in [
            (PolicySpecification.Slack.factor(0.2), 0.666, 0.667), (.amount(0.2), 0.599, 0.601),
        ] {
            var judge = StoppingJudge([PolicySpecification(.bandit(slack))], objective: .accuracy)
            #expect(judge.take(1, [0.8]).isEmpty)
            #expect(judge.take(2, [kept]).isEmpty)
            #expect(judge.take(3, [stopped]).count == 1)
        }
    }

    @Test("bandit: a decision has its numbers, for the program and for people")
    func numbers() {
        var judge = StoppingJudge([PolicySpecification(.bandit(.factor(0.2)))], objective: .accuracy)
        judge.take(1, [0.1, 0.2, 0.3, 0.4, 0.792])
        let stop = judge.take(2, [0.1, 0.2, 0.3, 0.61, 0.5]).first
        #expect(
            stop
                == EarlyStop(
                    attempt: 1,
                    interval: 5,
                    policy: .bandit,
                    value: 0.61,
                    threshold: 0.792 / 1.2,
                    message: "stopped at interval 5: best 0.61 below 0.66, bandit with slack 0.2 of 0.792"
                )
        )
    }

    @Test("bandit: a minimised objective is stopped above its best, and below zero the slack widens all the same")
    func minimised() {
        var judge = StoppingJudge([PolicySpecification(.bandit(.factor(0.5)))], objective: .loss)
        judge.take(1, [2, -2])
        #expect(judge.take(2, [3, -1]).isEmpty)
        #expect(
            judge.take(3, [3.01]).map(\.message)
                == ["stopped at interval 1: best 3.01 above 3, bandit with slack 0.5 of 2"]
        )
        #expect(
            judge.take(4, [3, -0.9]).map(\.message)
                == ["stopped at interval 2: best -0.9 above -1, bandit with slack 0.5 of -2"]
        )
    }

    @Test("bandit: the best of negative values is never stopped when maximising")
    func negativeBest() {
        var judge = StoppingJudge([PolicySpecification(.bandit(.factor(0.5)))], objective: .accuracy)
        #expect(judge.take(1, [-2]).isEmpty)
        #expect(judge.take(2, [-3]).isEmpty)
        #expect(judge.take(3, [-3.01]).count == 1)
    }

    @Test(
        "median: the trial itself counts, an even number has the mean of the two in the middle, equality stops nobody"
    )
    func median() {
        var judge = StoppingJudge([PolicySpecification(.medianStopping(.init()))], objective: .accuracy)
        judge.take(1, [0.5])
        judge.take(2, [0.75])
        judge.take(3, [1])
        // The averages are 0.25, 0.5, 0.75 and 1: the median is 0.625.
        #expect(
            judge.take(4, [0.25]).map(\.message)
                == ["stopped at interval 1: best 0.25 below 0.625, the median of the averages of 4 trials"]
        )
        // 0.25, 0.5, 0.5, 0.75 and 1.
        #expect(judge.take(5, [0.5]).isEmpty)
    }

    @Test("median: the average of a plateau is its value to the last bit, so that a plateau does not stop itself")
    func plateau() {
        for value in [0.1, 0.7, 1.1, 1e300] {
            var judge = StoppingJudge([PolicySpecification(.medianStopping(.init()))], objective: .accuracy)
            #expect(judge.take(1, Array(repeating: value, count: 50)).isEmpty)
            #expect(judge.take(2, Array(repeating: value, count: 50)).isEmpty)
        }
    }

    @Test("truncation: of ten trials the two worst of 20 % are stopped, of four none")
    func truncation() {
        let policy = PolicySpecification(.truncationSelection(percentage: 20, excludesFinished: false))
        var judge = StoppingJudge([policy], objective: .loss)
        #expect([4.0, 3, 2, 1].enumerated().allSatisfy { judge.take($0 + 1, [$1]).isEmpty })
        #expect(
            judge.take(5, [9]).map(\.message)
                == ["stopped at interval 1: best 9 above 4, among the worst 20 % of 5 trials"]
        )
        for trial in 6...9 { judge.take(trial, [1]) }
        #expect(judge.take(10, [3.5]).isEmpty)
        #expect(judge.take(11, [5]).count == 1)
    }

    @Test("truncation: a trial that has ended does not count where finished jobs are excluded, until it is tried again")
    func finishedTrials() {
        for excludes in [false, true] {
            let policy = PolicySpecification(.truncationSelection(percentage: 50, excludesFinished: excludes))
            var judge = StoppingJudge([policy], objective: .accuracy)
            #expect(judge.needsEnds == excludes)
            judge.take(1, [9])
            judge.ended(trial: 1, attempt: 1)
            #expect(judge.take(2, [5]).isEmpty == excludes)
            judge.take(1, attempt: 2, [8])
            #expect(judge.take(3, [4]).isEmpty == false)
        }
    }

    @Test("ASHA: rungs are so many times apart, of those at a rung the best third goes on, the first two always do")
    func asha() {
        let policy = PolicySpecification(.asha(.init(reductionFactor: 3, firstRung: 2)))
        var judge = StoppingJudge([policy], objective: .accuracy)
        #expect(judge.take(1, [0.9, 0.5, 0.6, 0.7, 0.8, 0.85]).isEmpty)
        #expect(judge.take(2, [0, 0.4]).isEmpty)
        let stop = judge.take(3, [0, 0.5]).first
        #expect(stop?.interval == 2)
        #expect(
            stop?.message
                == "stopped at interval 2: best 0.5 below 0.9, not among the best 1 of 3 trials at this rung"
        )
        #expect(judge.take(4, [0, 0.95, 0, 0, 0, 0.99]).isEmpty)
        #expect(judge.take(5, [0, 0.96, 0, 0, 0, 0.96]).map(\.interval) == [6])
    }

    @Test("ASHA: there is no rung at the largest interval or beyond it")
    func largestInterval() {
        let policy = PolicySpecification(.asha(.init(reductionFactor: 2, firstRung: 4, largestInterval: 8)))
        var judge = StoppingJudge([policy], objective: .loss)
        judge.take(1, Array(repeating: 1, count: 20))
        #expect(judge.take(2, [0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]).isEmpty)
        #expect(judge.take(3, [3, 3, 3, 3]).map(\.interval) == [4])
    }

    @Test("Hyperband: brackets have their share of trials, the aggressive ones more, by the number of the trial alone")
    func brackets() {
        let policy = PolicySpecification(.asha(.init(reductionFactor: 3, brackets: 3)))
        let halving = SuccessiveHalvingPolicy(.init(reductionFactor: 3, brackets: 3), specification: policy)
        // 9 / 3, 3 / 2 and 1 of 5.5.
        for start in [1, 500] {
            let dealt = (start..<start + 110).map { halving.bracket(ofTrial: $0) }
            for (bracket, share) in [60, 30, 20].enumerated() {
                let count = dealt.filter { $0 == bracket }.count
                #expect(abs(count - share) <= 3, "\(count) in bracket \(bracket)")
            }
        }
    }

    @Test("threshold and not_finite look at the newest report")
    func values() {
        let threshold = PolicySpecification(.threshold(lower: -1, upper: 2))
        var judge = StoppingJudge([threshold], objective: .loss)
        #expect(
            judge.take(1, [2, -1, 2.5]).map(\.message)
                == ["stopped at interval 3: value 2.5 above the upper bound 2"]
        )
        #expect(judge.take(2, [.nan]).map(\.message) == ["stopped at interval 1: value nan, not within the bound -1"])
        #expect(judge.take(3, [-.infinity]).map(\.threshold) == [-1])
        judge = StoppingJudge([PolicySpecification(.notFinite, evaluationInterval: 2)], objective: .loss)
        #expect(
            judge.take(1, [1, 1, .nan, -.infinity]).map(\.message)
                == ["stopped at interval 4: value -inf is not finite"]
        )
    }

    @Test("what has reported nothing finite loses where somebody has, and ties where nobody has")
    func nothingFinite() {
        let rules: [PolicySpecification.Rule] = [
            .bandit(.factor(0)), .medianStopping(.init()), .asha(.init()),
            .truncationSelection(percentage: 50, excludesFinished: false),
        ]
        for rule in rules {
            for objective in [Objective.accuracy, .loss] {
                var judge = StoppingJudge([PolicySpecification(rule)], objective: objective)
                #expect(judge.take(1, [.nan]).isEmpty && judge.take(2, [.infinity]).isEmpty)
                for trial in 3...6 { judge.take(trial, [1]) }
                let stop = judge.take(7, [-.infinity]).first
                #expect(stop != nil && stop?.value == nil, "\(rule)")
                let isWorded = stop?.message.hasPrefix(
                    "stopped at interval 1: nothing finite reported, where 1 was needed, "
                )
                #expect(isWorded == true, "\(stop?.message ?? "no stop")")
            }
        }
    }

    @Test("a message has the digits that it takes to see the difference")
    func digits() {
        var judge = StoppingJudge([PolicySpecification(.bandit(.amount(0)))], objective: .accuracy)
        judge.take(1, [0.123456789])
        #expect(
            judge.take(2, [0.1234567]).map(\.message) == [
                "stopped at interval 1: best 0.1234567 below 0.1234568, bandit with slack amount 0 of 0.1235"
            ]
        )
    }
}
