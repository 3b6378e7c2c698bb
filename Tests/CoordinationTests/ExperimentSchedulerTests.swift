import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@testable import Coordination

@Suite("Experiment scheduler")
struct ExperimentSchedulerTests {
    private let now = Experiments.now
    private let id = Experiments.id

    private func situation(
        limits: Limits = Limits(maxTrials: 100),
        slots: Int = 2,
        isLearning: Bool = true,
        next: Int = 1,
        remaining: Int? = nil,
        initial: [Suggestion] = [],
        _ change: (inout Experiment) -> Void = { _ in }
    ) throws -> ExperimentScheduler.Situation {
        let definition = Experiments.definition(try Experiments.line(), limits: limits, initial: initial)
        var experiment = Experiments.experiment(definition)
        experiment.state = .running
        experiment.startedAt = now
        experiment.nextTrial = next
        change(&experiment)
        return .init(
            experiment: experiment,
            now: now,
            liveSlots: slots,
            isSamplerLearning: isLearning,
            remaining: remaining
        )
    }

    private func ledger(_ states: [TrialState]) -> TrialLedger { Experiments.ledger(states) }

    @Test("a learning sampler gets as many new trials as slots are free")
    func fillsFreeSlots() throws {
        let plan = ExperimentScheduler.plan(try situation(slots: 4, next: 3), ledger([.running, .new]))
        #expect(plan == [.reserve(2)])
        #expect(ExperimentScheduler.plan(try situation(slots: 2, next: 3), ledger([.running, .new])).isEmpty)
    }

    @Test("a sampler that does not learn prepares ahead, and refills when half is gone", arguments: [1, 2, 9])
    func preparesAhead(slots: Int) throws {
        let ahead = max(ExperimentScheduler.leastAhead, slots * ExperimentScheduler.aheadPerSlot)
        func plan(_ states: [TrialState]) throws -> [ExperimentScheduler.Action] {
            ExperimentScheduler.plan(
                try situation(slots: slots, isLearning: false, next: states.count + 1),
                ledger(states)
            )
        }
        #expect(try plan([]) == [.reserve(ahead)])
        let half = [TrialState](repeating: .new, count: ahead / 2)
        #expect(try plan(half) == [.reserve(ahead / 2)])
        #expect(try plan(half + [.new]).isEmpty)
    }

    @Test("without a live worker exactly one trial waits")
    func oneWaits() throws {
        #expect(ExperimentScheduler.plan(try situation(slots: 0), ledger([])) == [.reserve(1)])
        #expect(ExperimentScheduler.plan(try situation(slots: 0, next: 2), ledger([.new])).isEmpty)
        #expect(ExperimentScheduler.plan(try situation(slots: 0, next: 2), ledger([.running])).isEmpty)
    }

    @Test("max_trials and max_concurrent_trials are never exceeded")
    func limitsHold() throws {
        let few = Limits(maxTrials: 3)
        #expect(ExperimentScheduler.plan(try situation(limits: few, slots: 9), ledger([])) == [.reserve(3)])
        #expect(
            ExperimentScheduler.plan(try situation(limits: few, slots: 9, next: 4), ledger([.done, .running, .new]))
                .isEmpty
        )
        let narrow = Limits(maxTrials: 99, maxConcurrentTrials: 2)
        #expect(
            ExperimentScheduler.plan(try situation(limits: narrow, slots: 9, next: 2), ledger([.running]))
                == [.reserve(1)]
        )
    }

    @Test("promised numbers without a trial are filled first, also while the experiment ends")
    func fillsGaps() throws {
        let situation = try situation(next: 4) { $0.ending = ExperimentEnding(state: .cancelled, reason: .user) }
        var partial = ledger([])
        for trial in ledger([.done, .done]).trials.values where trial.id.number == 2 { partial.apply(trial) }
        #expect(ExperimentScheduler.plan(situation, partial) == [.insert([1, 3])])
    }

    @Test("all trials with an outcome end the experiment, which then finishes")
    func endsAtMaxTrials() throws {
        let limits = Limits(maxTrials: 2)
        let ending = ExperimentEnding(state: .completed, reason: .maxTrials)
        let full = ledger([.done, .failed])
        #expect(ExperimentScheduler.plan(try situation(limits: limits, next: 3), full) == [.decide(ending)])
        let decided = try situation(limits: limits, next: 3) { $0.ending = ending }
        #expect(ExperimentScheduler.plan(decided, full) == [.finish])
        #expect(ExperimentScheduler.plan(try situation(limits: limits, next: 3), ledger([.done, .running])).isEmpty)
    }

    @Test("an ending cancels new trials, then orders running ones to stop, then waits for them")
    func windsDown() throws {
        let situation = try situation(next: 3) { $0.ending = ExperimentEnding(state: .cancelled, reason: .user) }
        #expect(ExperimentScheduler.plan(situation, ledger([.new, .running])) == [.cancelNew(only: nil)])
        var running = ledger([.cancelled, .running])
        #expect(ExperimentScheduler.plan(situation, running) == [.orderCancel])
        var ordered = try #require(running.trials[2])
        ordered.order = .cancel
        ordered.version += 1
        running.apply(ordered)
        #expect(ExperimentScheduler.plan(situation, running).isEmpty)
        #expect(ExperimentScheduler.plan(situation, ledger([.cancelled, .cancelled])) == [.finish])
    }

    @Test("max_duration counts from the first claim and leaves out pauses")
    func maxDuration() throws {
        let limits = Limits(maxDurationSeconds: 60)
        var late = try situation(limits: limits, next: 2)
        late.now = now + .seconds(60)
        let ending = ExperimentEnding(state: .completed, reason: .maxDuration)
        #expect(ExperimentScheduler.plan(late, ledger([.running])) == [.decide(ending)])
        late.experiment.pausedMilliseconds = 1
        #expect(!ExperimentScheduler.plan(late, ledger([.running])).contains(.decide(ending)))
    }

    @Test("the first three failures, and nothing else, fail the experiment and show the last error")
    func failFast() throws {
        let three = ledger([.failed, .failed, .failed])
        let ending = try #require(ExperimentScheduler.ending(try situation(next: 4), three))
        #expect(ending.state == .failed && ending.reason == .failFast)
        #expect(ExperimentScheduler.ending(try situation(next: 3), ledger([.failed, .failed])) == nil)
        #expect(ExperimentScheduler.ending(try situation(next: 5), ledger([.failed, .failed, .failed, .done])) == nil)
        // With eight slots, eight trials may be in flight before the first result is seen.
        #expect(ExperimentScheduler.ending(try situation(slots: 8, next: 4), three) == nil)
    }

    @Test("more failures than allowed fail the experiment")
    func tooManyFailures() throws {
        let limits = Limits(maxTrials: 9, maxFailedTrials: 1)
        let states: [TrialState] = [.done, .failed, .failed]
        let ending = ExperimentScheduler.ending(try situation(limits: limits, next: 4), ledger(states))
        #expect(ending?.reason == .tooManyFailures)
        #expect(ExperimentScheduler.ending(try situation(limits: limits, next: 3), ledger([.done, .failed])) == nil)
    }

    @Test("a paused experiment gets no new trials, a new one begins, an ended one is left alone")
    func states() throws {
        #expect(ExperimentScheduler.plan(try situation { $0.state = .paused }, ledger([])).isEmpty)
        #expect(ExperimentScheduler.plan(try situation { $0.state = .created }, ledger([])) == [.begin, .reserve(2)])
        #expect(ExperimentScheduler.plan(try situation { $0.state = .completed }, ledger([])).isEmpty)
    }

    @Test("the first claim's time is recorded")
    func marksStart() throws {
        var running = ledger([])
        var trial = Trial(
            id: TrialID(experiment: id, number: 1),
            suggestion: Suggestion(),
            assignment: [:],
            createdAt: now
        )
        trial.claim(by: WorkerID("a"), host: "h", at: now, lease: .seconds(1))
        running.apply(trial)
        let plan = ExperimentScheduler.plan(try situation(slots: 1, next: 2) { $0.startedAt = nil }, running)
        #expect(plan == [.markStarted(now)])
    }

    private func reason(_ situation: ExperimentScheduler.Situation, _ ledger: TrialLedger) -> EndReason? {
        ExperimentScheduler.ending(situation, ledger)?.reason
    }

    @Test("the limits that stand now count, not those of the definition")
    func liveLimits() throws {
        let raised = try situation(limits: Limits(maxTrials: 2), slots: 9, next: 3) { $0.limits.maxTrials = 4 }
        #expect(ExperimentScheduler.plan(raised, ledger([.done, .failed])) == [.reserve(2)])
        let unlimited = try situation(limits: Limits(maxTrials: 2), slots: 1, next: 3) { $0.limits.maxTrials = nil }
        #expect(ExperimentScheduler.plan(unlimited, ledger([.done, .done])) == [.reserve(1)])
    }

    @Test("a lowered max_trials cancels what was prepared beyond it, lets running trials go on, and then ends")
    func loweredMaxTrials() throws {
        let lowered = try situation(slots: 4, next: 6) { $0.limits.maxTrials = 2 }
        let states: [TrialState] = [.done, .new, .running, .new, .new]
        #expect(ExperimentScheduler.plan(lowered, ledger(states)) == [.cancelNew(only: [4, 5])])
        let waiting: [TrialState] = [.done, .done, .running, .cancelled, .cancelled]
        #expect(ExperimentScheduler.plan(lowered, ledger(waiting)).isEmpty)
        let over: [TrialState] = [.done, .done, .done, .cancelled, .cancelled]
        let ending = ExperimentEnding(state: .completed, reason: .maxTrials)
        #expect(ExperimentScheduler.plan(lowered, ledger(over)) == [.decide(ending)])
        // Someone wanted number 5 tried again, or it came back from a lost worker: it is run.
        var retried = ledger(over)
        retried.apply(Experiments.trial(5, .new, version: 2))
        #expect(ExperimentScheduler.plan(lowered, retried).isEmpty)
    }

    @Test("given points are room for trials when the sampler has nothing left, as far as they have no trial yet")
    func givenPointsAreRoom() throws {
        let point = Suggestion(values: ["x": .double(0.5)])
        let exhausted = try situation(slots: 9, remaining: 0, initial: [point, point]) {
            $0.enqueued = [EnqueuedPoint(id: "p", values: point)]
        }
        #expect(ExperimentScheduler.plan(exhausted, ledger([])) == [.reserve(3)])
        var some = exhausted
        some.experiment.nextTrial = 2
        some.remaining = 1
        let first = Experiments.ledger([Experiments.trial(1, .running, origin: .initial(0))])
        #expect(ExperimentScheduler.plan(some, first) == [.reserve(3)])
    }

    @Test("an exhausted space ends the experiment once every trial has its outcome and no given point waits")
    func spaceExhausted() throws {
        let ending = ExperimentEnding(state: .completed, reason: .spaceExhausted)
        let exhausted = try situation(next: 3, remaining: 0)
        #expect(ExperimentScheduler.plan(exhausted, ledger([.done, .running])).isEmpty)
        #expect(ExperimentScheduler.plan(exhausted, ledger([.done])) == [.insert([2])])
        #expect(ExperimentScheduler.plan(exhausted, ledger([.done, .failed])) == [.decide(ending)])
        var waiting = exhausted
        waiting.experiment.enqueued = [EnqueuedPoint(id: "p", values: Suggestion())]
        #expect(ExperimentScheduler.plan(waiting, ledger([.done, .failed])) == [.reserve(1)])
        // Cancelled points of a grid come again when the experiment is reopened: the sampler has them left.
        #expect(
            ExperimentScheduler.plan(try situation(slots: 9, next: 3, remaining: 1), ledger([.done, .cancelled]))
                == [.reserve(1)]
        )
        // When both are reached at once, more trials would not help.
        #expect(
            reason(try situation(limits: Limits(maxTrials: 2), next: 3, remaining: 0), ledger([.done, .done]))
                == .spaceExhausted
        )
    }

    @Test("a goal is reached by an objective at least as good, in the objective's own direction")
    func goalReached() throws {
        let limits = Limits(maxTrials: 9, goalValue: 0.5)
        let situation = try situation(limits: limits, next: 3)
        func outcome(_ value: Double, _ goal: Objective.Goal) -> EndReason? {
            var situation = situation
            situation.experiment.definition.objective = Objective(metric: "loss", goal: goal)
            let trials = [Experiments.trial(1, .done, value: value), Experiments.trial(2, .running)]
            return reason(situation, Experiments.ledger(trials, objective: situation.experiment.definition.objective))
        }
        #expect(outcome(0.5, .minimize) == .goalReached && outcome(0.4, .minimize) == .goalReached)
        #expect(outcome(0.6, .minimize) == nil && outcome(0.4, .maximize) == nil)
        #expect(outcome(0.5, .maximize) == .goalReached && outcome(0.6, .maximize) == .goalReached)
    }

    @Test("fail fast can be switched off, also while the experiment runs")
    func failFastOff() throws {
        let three = ledger([.failed, .failed, .failed])
        #expect(reason(try situation(next: 4) { $0.limits.isFailFast = false }, three) == nil)
        #expect(reason(try situation(limits: Limits(maxTrials: 9, isFailFast: false), next: 4), three) == nil)
    }

    @Test("of several limits that are reached at once, the first in the order of the documentation is the reason")
    func firstLimit() throws {
        let limits = Limits(maxTrials: 4, maxDurationSeconds: 1, maxFailedTrials: 2, goalValue: 1)
        var all = try situation(limits: limits, next: 5, remaining: 0)
        all.now = now + .seconds(2)
        let states: [TrialState] = [.done, .failed, .failed, .failed]
        #expect(reason(all, ledger(states)) == .goalReached)
        all.experiment.limits.goalValue = nil
        #expect(reason(all, ledger(states)) == .tooManyFailures)
        #expect(reason(all, ledger([.failed, .failed, .cancelled, .cancelled])) == .maxDuration)
        all.experiment.limits.maxFailedTrials = nil
        #expect(reason(all, ledger([.failed, .failed, .failed, .failed])) == .failFast)
        #expect(reason(all, ledger(states)) == .maxDuration)
        all.experiment.limits.maxDurationSeconds = nil
        #expect(reason(all, ledger(states)) == .spaceExhausted)
        all.remaining = nil
        #expect(reason(all, ledger(states)) == .maxTrials)
    }

    @Test("what ended an experiment before a person reopened it does not end it again")
    func reopened() throws {
        let end = now + .seconds(1)
        let limits = Limits(maxTrials: 9, maxFailedTrials: 2, goalValue: 1)
        let reopened = try situation(limits: limits, next: 5) { $0.reopenedAt = end + .seconds(9) }
        var before = Experiments.ledger(
            [
                Experiments.trial(1, .failed, finishedAt: end), Experiments.trial(2, .failed, finishedAt: end),
                Experiments.trial(3, .failed, finishedAt: end),
            ]
        )
        before.judge(from: reopened.experiment.reopenedAt)
        #expect(reason(reopened, before) == nil)
        before.apply(Experiments.trial(4, .done, value: 0.5, finishedAt: end))
        #expect(reason(reopened, before) == nil)
        before.apply(Experiments.trial(5, .done, value: 0.5, finishedAt: end + .seconds(10)))
        #expect(reason(reopened, before) == .goalReached)
    }

    @Test("trials that a person wants tried again are made new before anything is decided")
    func retriesFirst() throws {
        let limits = Limits(maxTrials: 2)
        let wished = try situation(limits: limits, next: 3) { $0.retrying = [2] }
        #expect(ExperimentScheduler.plan(wished, ledger([.done, .failed])) == [.carryOutRetries])
        let ending = try situation(limits: limits, next: 3) {
            $0.retrying = [2]
            $0.ending = ExperimentEnding(state: .cancelled, reason: .user)
        }
        #expect(ExperimentScheduler.plan(ending, ledger([.done, .failed])) == [.carryOutRetries])
    }

    @Test("max_duration, raised or lifted, lets an experiment go on")
    func liveDuration() throws {
        var late = try situation(limits: Limits(maxDurationSeconds: 60), slots: 1, next: 2)
        late.now = now + .seconds(61)
        #expect(reason(late, ledger([.running])) == .maxDuration)
        late.experiment.limits.maxDurationSeconds = 3600
        #expect(ExperimentScheduler.plan(late, ledger([.running])).isEmpty)
        late.experiment.limits.maxDurationSeconds = nil
        #expect(ExperimentScheduler.plan(late, ledger([.running])).isEmpty)
    }
}
