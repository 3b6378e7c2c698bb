import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@testable import Coordination

@Suite("Scheduling beside trials that wait for their next attempt")
struct DelayedTrialSchedulingTests {
    private let now = Experiments.now

    /// A trial whose attempt failed and is repeated in a minute.
    private func delayed(_ number: Int) -> Trial {
        var trial = Experiments.trial(number, version: 2)
        trial.notBefore = now + .seconds(60)
        return trial
    }

    private func plan(
        _ trials: [Trial],
        limits: Limits = Limits(maxTrials: 100),
        slots: Int = 2,
        isLearning: Bool = true,
        at time: Timestamp? = nil,
        _ change: (inout Experiment) -> Void = { _ in }
    ) throws -> [ExperimentScheduler.Action] {
        let definition = Experiments.definition(try Experiments.line(), limits: limits)
        var experiment = Experiments.experiment(definition)
        experiment.state = .running
        experiment.startedAt = now
        experiment.nextTrial = trials.count + 1
        change(&experiment)
        let situation = ExperimentScheduler.Situation(
            experiment: experiment,
            now: time ?? now,
            liveSlots: slots,
            isSamplerLearning: isLearning,
            remaining: nil
        )
        return ExperimentScheduler.plan(situation, Experiments.ledger(trials))
    }

    @Test("a trial that waits holds no slot idle: another one is made, until it is due")
    func slotsAreUsed() throws {
        let trials = [delayed(1), delayed(2)]
        #expect(try plan(trials) == [.reserve(2)])
        #expect(try plan(trials, at: now + .seconds(59)) == [.reserve(2)])
        #expect(try plan(trials, at: now + .seconds(60)).isEmpty)
        #expect(try plan(trials + [Experiments.trial(3)]) == [.reserve(1)])
        let ahead = ExperimentScheduler.leastAhead
        #expect(try plan(trials, isLearning: false) == [.reserve(ahead)])
    }

    @Test("it counts among max_concurrent_trials and max_trials all the same")
    func limitsHold() throws {
        let trials = [delayed(1), delayed(2)]
        #expect(try plan(trials, limits: Limits(maxTrials: 100, maxConcurrentTrials: 2)).isEmpty)
        #expect(try plan(trials, limits: Limits(maxTrials: 100, maxConcurrentTrials: 3)) == [.reserve(1)])
        #expect(try plan(trials, limits: Limits(maxTrials: 2)).isEmpty)
        #expect(try plan(trials, limits: Limits(maxTrials: 3)) == [.reserve(1)])
    }

    @Test("without a worker nothing more is made beside it")
    func noWorker() throws {
        #expect(try plan([delayed(1)], slots: 0).isEmpty)
    }

    @Test("the experiment does not end before it, and an ending cancels it")
    func endings() throws {
        let limits = Limits(maxTrials: 2)
        let done = Experiments.trial(1, .done, value: 1)
        #expect(try plan([done, delayed(2)], limits: limits).isEmpty)
        let ending = ExperimentEnding(state: .cancelled, reason: .user)
        #expect(try plan([done, delayed(2)], limits: limits) { $0.ending = ending } == [.cancelNew(only: nil)])
    }

    @Test("a claim, a cancel and a retry end the wait in the ledger too")
    func ledger() {
        var ledger = Experiments.ledger([delayed(1), delayed(2), delayed(3), delayed(4)])
        #expect(ledger.delayedCount(at: now) == 4)
        ledger.apply(Experiments.trial(1, .running, version: 3))
        ledger.apply(Experiments.trial(2, .cancelled, version: 3))
        ledger.apply(Experiments.trial(3, .new, version: 4))
        #expect(ledger.delayedCount(at: now) == 1 && ledger.delays.keys.sorted() == [4])
        let attempt = TrialAttempt(number: 1, worker: WorkerID("w"), host: "h", claimedAt: now)
        let claim = TrialChange(id: delayed(4).id, version: 3, step: .claimed(attempt, leaseUntil: now))
        #expect(!ledger.apply(claim) && ledger.delays.isEmpty)
    }
}
