import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@testable import Coordination

@Suite("Experiment scheduler")
struct ExperimentSchedulerTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)
    private let id = ExperimentID("es0000001")

    private func situation(
        limits: Limits = Limits(maxTrials: 100),
        slots: Int = 2,
        isLearning: Bool = true,
        next: Int = 1,
        _ change: (inout Experiment) -> Void = { _ in }
    ) throws -> ExperimentScheduler.Situation {
        let definition = ExperimentDefinition(
            name: "n",
            command: .shell("true"),
            searchSpace: try SearchSpace(root: [
                "x": .parameter(Parameter(label: "x", domain: .uniform(low: 0, high: 1)))
            ]),
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: .random, seed: 1),
            limits: limits,
            workingDirectory: "/"
        )
        var experiment = Experiment(id: id, definition: definition, createdAt: now)
        experiment.state = .running
        experiment.startedAt = now
        experiment.nextTrial = next
        change(&experiment)
        return .init(experiment: experiment, now: now, liveSlots: slots, isSamplerLearning: isLearning)
    }

    private func ledger(_ states: [TrialState]) -> TrialLedger {
        var ledger = TrialLedger()
        for (index, state) in states.enumerated() {
            var trial = Trial(
                id: TrialID(experiment: id, number: index + 1),
                suggestion: Suggestion(),
                assignment: [:],
                createdAt: now
            )
            trial.state = state
            ledger.apply(trial)
        }
        return ledger
    }

    @Test("a learning sampler gets as many new trials as slots are free")
    func fillsFreeSlots() throws {
        let plan = ExperimentScheduler.plan(try situation(slots: 4, next: 3), ledger([.running, .new]))
        #expect(plan == [.reserve(2)])
        #expect(ExperimentScheduler.plan(try situation(slots: 2, next: 3), ledger([.running, .new])).isEmpty)
    }

    @Test("a sampler that does not learn prepares ahead, and refills when half is gone")
    func preparesAhead() throws {
        let ahead = 2 * ExperimentScheduler.aheadPerSlot
        #expect(ExperimentScheduler.plan(try situation(isLearning: false), ledger([])) == [.reserve(ahead)])
        let half = [TrialState](repeating: .new, count: ahead / 2)
        #expect(
            ExperimentScheduler.plan(try situation(isLearning: false, next: half.count + 1), ledger(half))
                == [.reserve(ahead / 2)]
        )
        let more = half + [.new]
        #expect(ExperimentScheduler.plan(try situation(isLearning: false, next: more.count + 1), ledger(more)).isEmpty)
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
        var partial = TrialLedger()
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
        #expect(ExperimentScheduler.plan(situation, ledger([.new, .running])) == [.cancelNew])
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
}
