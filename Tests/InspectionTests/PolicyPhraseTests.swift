import ExperimentModel
import Inspection
import Testing
import TuningTestKit

@Suite("Policies and decisions in words")
struct PolicyPhraseTests {
    private func sentence(_ policy: PolicySpecification, _ goal: Objective.Goal = .maximize) -> String {
        PolicyPhrase.sentence(policy, Objective(metric: "acc", goal: goal), metric: "acc")
    }

    @Test("every rule is told with its numbers, for both goals")
    func sentences() {
        let bandit = PolicySpecification(.bandit(.factor(0.1)), evaluationInterval: 2, delayEvaluation: 5)
        #expect(
            sentence(bandit)
                == "bandit stops a trial whose highest acc times 1.1 is still below the highest of all trials at the same report; "
                + "looking at every 2nd report, not before report 5"
        )
        #expect(
            sentence(PolicySpecification(.bandit(.amount(0.25))), .minimize)
                == "bandit stops a trial whose lowest acc is more than 0.25 above the lowest of all trials at the same report"
        )
        #expect(
            sentence(PolicySpecification(.medianStopping(.init())), .minimize)
                == "median_stopping stops a trial whose lowest acc is above the median of all trials' averages at the same report"
        )
        #expect(
            sentence(PolicySpecification(.medianStopping(.init(leastTrials: 5, percentile: 25, patience: 3))))
                == "median_stopping stops a trial whose highest acc is below the percentile 25 of all trials' averages at the same report "
                + "3 times in a row, once 5 trials have come as far"
        )
        #expect(
            sentence(PolicySpecification(.asha(.init())))
                == "asha stops a trial that is not among the best 1/3 at report 1, 3, 9, 27, …"
        )
        #expect(
            sentence(
                PolicySpecification(.asha(.init(reductionFactor: 2, firstRung: 4, largestInterval: 16, brackets: 2)))
            )
                == "asha stops a trial that is not among the best 1/2 at report 4, 8, in 2 brackets"
        )
        #expect(
            sentence(PolicySpecification(.truncationSelection(percentage: 20, excludesFinished: true)))
                == "truncation_selection stops a trial that is among the worst 20 % of those that came as far and have not ended"
        )
        #expect(
            sentence(PolicySpecification(.threshold(lower: 0.5, upper: nil)))
                == "threshold stops a trial that reports below 0.5"
        )
        #expect(sentence(PolicySpecification(.notFinite)) == "not_finite stops a trial that reports NaN or an infinity")
    }

    @Test("in few words a policy is what --policy takes, and a decision its two numbers")
    func short() {
        let policies = [
            PolicySpecification(.bandit(.factor(0.1)), delayEvaluation: 5), PolicySpecification(.notFinite),
        ]
        #expect(PolicyPhrase.short(policies) == "bandit:slack_factor=0.1,delay_evaluation=5 or not_finite")
        #expect(PolicyPhrase.short([]) == nil)
        func stop(_ value: Double?, _ threshold: Double?) -> String {
            PolicyPhrase.short(
                EarlyStop(
                    attempt: 1,
                    interval: 5,
                    policy: .notFinite,
                    value: value,
                    threshold: threshold,
                    message: ""
                )
            )
        }
        #expect(stop(0.61234, 0.65833333) == "at 5: 0.6123 < 0.6583")
        #expect(stop(3, 2) == "at 5: 3 > 2")
        #expect(stop(3, nil) == "at 5, not_finite")
        #expect(PolicyPhrase.count(0) == nil && PolicyPhrase.count(12) == "12 stopped early")
    }

    @Test("a list of trials has those that were stopped early, or all by cause, the one that came furthest first")
    func listing() throws {
        let id = ExperimentID("es1a2b3c4")
        func trial(_ number: Int, _ cause: TrialCause, stoppedAt interval: Int? = nil) throws -> Trial {
            var trial = try TrialStoreConformance.trial(number, of: id)
            trial.claim(by: WorkerID("w:1:a"), host: "w", at: Timestamp(milliseconds: 1), lease: .seconds(30))
            let value = cause == .failed ? nil : Double(number)
            let outcome = AttemptOutcome(cause: cause, value: value)
            trial.end(with: outcome, retries: RetryLimits(), at: Timestamp(milliseconds: 2))
            trial.earlyStop = interval.map {
                EarlyStop(attempt: 1, interval: $0, policy: .bandit, value: 1, threshold: 2, message: "m")
            }
            return trial
        }
        // The first ended by itself before the order came.
        let trials = [
            try trial(1, .succeeded, stoppedAt: 9), try trial(2, .stoppedEarly, stoppedAt: 3), try trial(3, .failed),
            try trial(4, .stoppedEarly, stoppedAt: 5), try TrialStoreConformance.trial(5, of: id),
        ]
        func numbers(_ listing: TrialListing) -> [Int] {
            listing.select(trials, Objective(metric: "a", goal: .maximize)).map(\.id.number)
        }
        let stopped = TrialListing(causes: [.stoppedEarly])
        #expect(numbers(stopped) == [2, 4])
        #expect(stopped.storeStates == [.done, .failed, .cancelled])
        #expect(numbers(TrialListing(states: [.new], causes: [.stoppedEarly])) == [2, 4, 5])
        #expect(numbers(TrialListing(order: .cause)) == [1, 4, 2, 3, 5])
        #expect(TrialListing(states: [.new]).storeStates == [.new])
        #expect(trials.map { $0.endingStop?.interval } == [nil, 3, nil, 5, nil])
    }
}
