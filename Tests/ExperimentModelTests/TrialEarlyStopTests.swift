import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Early stops of a trial")
struct TrialEarlyStopTests {
    private let now = Timestamp(milliseconds: 1000)

    private func stop(attempt: Int, at interval: Int = 5) -> EarlyStop {
        EarlyStop(
            attempt: attempt,
            interval: interval,
            policy: .medianStopping,
            value: 0.61,
            threshold: 0.66,
            message: "stopped at interval \(interval)"
        )
    }

    private func running() -> Trial {
        var trial = Trial(
            id: TrialID(experiment: ExperimentID("es0000001"), number: 1),
            suggestion: Suggestion(),
            assignment: [:],
            createdAt: now
        )
        trial.claim(by: WorkerID("w"), host: "h", at: now, lease: .seconds(1))
        return trial
    }

    @Test("a decision is about one attempt, gives way to a cancel, and replaces a drain")
    func taking() {
        var trial = running()
        #expect(trial.takes(stop(attempt: 1)))
        #expect(!trial.takes(stop(attempt: 2)))
        trial.give(.drain)
        #expect(trial.takes(stop(attempt: 1)))
        let version = trial.version
        trial.give(stop(attempt: 1), at: now)
        #expect(trial.order == .stop && trial.version == version + 1)
        #expect(trial.standingStop?.decidedAt == now)
        #expect(!trial.takes(stop(attempt: 1)))
        trial.give(.cancel)
        #expect(trial.standingStop == nil)
    }

    @Test("how far it came is known of a trial that was stopped, and only of such a one")
    func reach() {
        var stopped = running()
        #expect(stopped.stoppedAt == nil)
        stopped.give(stop(attempt: 1), at: now)
        stopped.end(with: AttemptOutcome(cause: .stoppedEarly, value: 0.5), retries: RetryLimits(), at: now)
        #expect(stopped.stoppedAt == 5)
        // It ended by itself before the order reached it.
        var faster = running()
        faster.give(stop(attempt: 1), at: now)
        faster.end(with: AttemptOutcome(cause: .succeeded, value: 0.5), retries: RetryLimits(), at: now)
        #expect(faster.stoppedAt == nil)
        #expect(faster.earlyStop != nil)
    }

    @Test("the decision on an earlier attempt says nothing about a later one, and a retry forgets it")
    func attempts() {
        var trial = running()
        trial.give(stop(attempt: 1), at: now)
        trial.end(with: AttemptOutcome(cause: .drained), retries: RetryLimits(), at: now)
        trial.claim(by: WorkerID("w"), host: "h", at: now, lease: .seconds(1))
        #expect(trial.earlyStop?.attempt == 1)
        #expect(trial.standingStop == nil)
        trial.give(.stop)
        #expect(trial.standingStop == nil)
        trial.end(with: AttemptOutcome(cause: .stoppedEarly), retries: RetryLimits(), at: now)
        #expect(trial.state == .cancelled)
        trial.retry()
        #expect(trial.earlyStop == nil)
    }

    @Test("a lost attempt that was to stop ends with its last finite report, or the best, as the definition says")
    func lost() {
        var trial = running()
        let last = Objective(metric: "m", goal: .maximize)
        let best = Objective(metric: "m", goal: .maximize, valueRule: .best)
        #expect(trial.lostOutcome(after: [0.1], last).cause == .lost)
        trial.give(stop(attempt: 1), at: now)
        #expect(trial.lostOutcome(after: [0.1, 0.9, 0.4, .nan], last).value == 0.4)
        #expect(trial.lostOutcome(after: [0.1, 0.9, 0.4, .infinity], best).value == 0.9)
        #expect(trial.lostOutcome(after: [.nan], best).value == nil)
        #expect(trial.lostOutcome(after: [], last).cause == .stoppedEarly)
        trial.give(.cancel)
        #expect(trial.lostOutcome(after: [0.1], last).cause == .lost)
    }

    @Test("the decision is an event of its own between the claim and the end of its attempt")
    func event() {
        var trial = running()
        trial.give(stop(attempt: 1), at: Timestamp(milliseconds: 1500))
        trial.end(
            with: AttemptOutcome(cause: .stoppedEarly, value: 0.5),
            retries: RetryLimits(),
            at: Timestamp(milliseconds: 1600)
        )
        let events = ExperimentEvents.events(of: trial)
        #expect(events.map(\.kind) == [.trialCreated, .claimed, .stoppedEarly, .attemptEnded])
        #expect(events[2].at == Timestamp(milliseconds: 1500))
        #expect(events[2].attempt == 1 && events[2].value == 0.61 && events[2].message == "stopped at interval 5")
        #expect(events[3].cause == .stoppedEarly && events[3].value == 0.5)
    }
}
