import ExperimentModel
import Foundation
import Testing

@Suite("PolicySpecification")
struct PolicySpecificationTests {
    @Test("every rule is read back as it was stored")
    func roundTrip() throws {
        let rules: [PolicySpecification.Rule] = [
            .bandit(.factor(0.2)), .bandit(.amount(3)),
            .medianStopping(.init(leastTrials: 5, percentile: 30, patience: 2)),
            .truncationSelection(percentage: 20, excludesFinished: true),
            .asha(.init(reductionFactor: 4, firstRung: 2, largestInterval: 81, brackets: 3)), .asha(.init()),
            .decayCurve(.init(largestInterval: 100, confidence: 0.9)),
            .threshold(lower: nil, upper: 10), .threshold(lower: -1, upper: nil), .notFinite,
        ]
        #expect(Set(rules.map { PolicySpecification($0).kind }) == Set(PolicySpecification.Kind.allCases))
        for rule in rules {
            // Successive halving has rungs, and no evaluation interval.
            let isHalving = PolicySpecification(rule).kind == .asha
            let policy = PolicySpecification(rule, evaluationInterval: isHalving ? 1 : 3, delayEvaluation: 4)
            let stored = try JSONEncoder().encode(policy)
            #expect(try JSONDecoder().decode(PolicySpecification.self, from: stored) == policy)
        }
    }

    @Test("what is not stored has its default")
    func defaults() throws {
        let texts = [
            #"{"type": "median_stopping"}"#: PolicySpecification(.medianStopping(.init())),
            #"{"type": "asha"}"#: PolicySpecification(.asha(.init())),
            #"{"type": "bandit", "slack_factor": 0.1}"#: PolicySpecification(.bandit(.factor(0.1))),
            #"{"type": "decay_curve", "max_resource": 9}"#: PolicySpecification(.decayCurve(.init(largestInterval: 9))),
        ]
        for (text, policy) in texts {
            #expect(try JSONDecoder().decode(PolicySpecification.self, from: Data(text.utf8)) == policy)
        }
    }

    @Test("a policy applies at multiples of its interval that are not below its delay")
    func applies() {
        let policy = PolicySpecification(.notFinite, evaluationInterval: 3, delayEvaluation: 5)
        #expect((1...12).filter(policy.applies) == [6, 9, 12])
        #expect(PolicySpecification(.notFinite, evaluationInterval: 0).applies(at: 1))
    }
}
