import EarlyTermination
import ExperimentModel
import Testing
import TuningMath

@Suite("Every policy does what its rule says, on random curves")
struct PolicyPropertyTests {
    static let cases = 400

    @Test("every policy decides as its rule, stated anew for each report", arguments: PolicySpecification.Kind.allCases)
    func statedRule(kind: PolicySpecification.Kind) {
        // Extrapolation has no rule that could be said in a few lines: DecayCurvePolicyTests.
        guard kind != .decayCurve else { return }
        var stops = 0
        for number in 0..<Self.cases {
            var generator = SeedSequence(seed: 1).generator(trial: number, purpose: kind.rawValue)
            let policy = Self.policy(kind, using: &generator)
            stops += check([policy], number: number, using: &generator)
        }
        #expect(stops > Self.cases / 4, "hardly anything was stopped, so this showed nothing")
    }

    @Test("of several policies each sees every report, and the first that wants a stop decides")
    func anyOf() {
        var stops = 0
        for number in 0..<Self.cases {
            var generator = SeedSequence(seed: 2).generator(trial: number, purpose: "any_of")
            let kinds = PolicySpecification.Kind.allCases.filter { $0 != .decayCurve }
            let policies = (0...generator.wholeNumber(below: 3)).map { _ in
                Self.policy(generator.pick(kinds), using: &generator)
            }
            stops += check(policies, number: number, using: &generator)
        }
        #expect(stops > Self.cases)
    }

    @Test("a report that comes again changes nothing, whenever it comes")
    func duplicates() {
        for number in 0..<Self.cases {
            var generator = SeedSequence(seed: 3).generator(trial: number, purpose: "duplicates")
            let policies = Self.anyPolicies(using: &generator)
            let objective = generator.pick([Objective.accuracy, .loss])
            let reports = RandomReports(using: &generator).reports
            var repeated: [ObjectiveReport] = []
            for report in reports {
                repeated.append(report)
                if generator.wholeNumber(below: 3) == 0 {
                    var copy = generator.pick(repeated)
                    // What comes again may even claim another value: the first counts.
                    if generator.wholeNumber(below: 2) == 0 { copy.value = 1000 }
                    repeated.append(copy)
                }
            }
            #expect(
                summary(StoppingJudge.decisions(policies, objective, on: repeated))
                    == summary(StoppingJudge.decisions(policies, objective, on: reports)),
                "case \(number): \(policies)"
            )
        }
    }

    @Test("a report that comes before its predecessors counts when the last of them has come")
    func lateReports() {
        for number in 0..<Self.cases {
            var generator = SeedSequence(seed: 4).generator(trial: number, purpose: "late")
            let policies = Self.anyPolicies(using: &generator)
            let objective = generator.pick([Objective.accuracy, .loss])
            // A new attempt takes effect with the first of its reports to come, in turn or not.
            var arriving = RandomReports(using: &generator).reports.filter { $0.attempt == 1 }
            for _ in 0..<arriving.count {
                guard arriving.count > 1 else { break }
                let place = Int(generator.wholeNumber(below: UInt64(arriving.count - 1)))
                arriving.swapAt(place, place + 1)
            }
            #expect(
                summary(StoppingJudge.decisions(policies, objective, on: arriving))
                    == summary(StoppingJudge.decisions(policies, objective, on: Self.inTurn(arriving))),
                "case \(number): \(policies)"
            )
        }
    }

    @Test("the goal only turns the order around: mirrored curves have mirrored decisions")
    func mirrored() {
        for number in 0..<Self.cases {
            var generator = SeedSequence(seed: 5).generator(trial: number, purpose: "mirrored")
            // A bandit's factor and a threshold's bounds mean something else for negative values.
            let kind = generator.pick([
                PolicySpecification.Kind.medianStopping, .truncationSelection, .asha, .notFinite,
            ])
            let policies = [
                Self.policy(kind, using: &generator), PolicySpecification(.bandit(.amount(0.5))),
                PolicySpecification(.decayCurve(.init(largestInterval: 12))),
            ]
            let reports = RandomReports(using: &generator).reports
            let mirrored = reports.map { report in
                var report = report
                report.value = -report.value
                return report
            }
            #expect(
                StoppingJudge.decisions(policies, .accuracy, on: reports)
                    == StoppingJudge.decisions(policies, .loss, on: mirrored),
                "case \(number): \(policies)"
            )
        }
    }

    /// Compares judge and rule on one random experiment; the number of stops.
    private func check(
        _ policies: [PolicySpecification],
        number: Int,
        using generator: inout SeededGenerator
    ) -> Int {
        let objective = generator.pick([Objective.accuracy, .loss])
        let reports = RandomReports(using: &generator).reports
        let decisions = StoppingJudge.decisions(policies, objective, on: reports)
        #expect(
            decisions == StatedRule.decisions(policies, objective, on: reports),
            "case \(number): \(policies), \(objective.goal), \(reports.map { ($0.trial, $0.attempt, $0.value) })"
        )
        return decisions.count
    }

    /// Decisions without the number of the report that they answer.
    private func summary(_ decisions: [Decision]) -> [Decision] {
        decisions.map { decision in
            var decision = decision
            decision.report = 0
            return decision
        }
    }

    /// The reports of first attempts as they come into effect: each after its predecessors.
    private static func inTurn(_ arriving: [ObjectiveReport]) -> [ObjectiveReport] {
        var inTurn: [ObjectiveReport] = []
        var waiting: [ObjectiveReport] = []
        var last: [Int: Int] = [:]
        for report in arriving {
            waiting.append(report)
            while let place = waiting.firstIndex(where: { $0.interval == last[$0.trial, default: 0] + 1 }) {
                last[waiting[place].trial] = waiting[place].interval
                inTurn.append(waiting.remove(at: place))
            }
        }
        return inTurn
    }

    private static func anyPolicies(using generator: inout SeededGenerator) -> [PolicySpecification] {
        PolicySpecification.Kind.allCases.filter { _ in generator.wholeNumber(below: 3) == 0 }
            .map { policy($0, using: &generator) }
    }

    private static func policy(
        _ kind: PolicySpecification.Kind,
        using generator: inout SeededGenerator
    ) -> PolicySpecification {
        let rule: PolicySpecification.Rule =
            switch kind {
            case .bandit:
                .bandit(generator.pick([.factor(0), .factor(0.2), .factor(1), .amount(0), .amount(0.25), .amount(1)]))
            case .medianStopping:
                .medianStopping(
                    .init(
                        leastTrials: generator.pick([1, 1, 3]),
                        percentile: generator.pick([50, 50, 0, 25, 30, 90, 100]),
                        patience: generator.pick([1, 1, 2, 3])
                    )
                )
            case .truncationSelection:
                .truncationSelection(percentage: generator.pick([1, 20, 34, 50, 99]), excludesFinished: false)
            case .asha:
                .asha(
                    .init(
                        reductionFactor: generator.pick([2, 3, 4]),
                        firstRung: generator.pick([1, 1, 2, 3]),
                        largestInterval: generator.pick([nil, nil, 4, 9]),
                        brackets: generator.pick([1, 1, 2, 3])
                    )
                )
            case .decayCurve: .decayCurve(.init(largestInterval: generator.pick([8, 12]), confidence: 0.8))
            case .threshold:
                generator.pick([
                    .threshold(lower: -0.25, upper: 0.25), .threshold(lower: -0.25, upper: nil),
                    .threshold(lower: nil, upper: 0.25),
                ])
            case .notFinite: .notFinite
            }
        return PolicySpecification(
            rule,
            evaluationInterval: generator.pick([1, 1, 2, 3]),
            delayEvaluation: generator.pick([0, 0, 2, 5])
        )
    }
}
