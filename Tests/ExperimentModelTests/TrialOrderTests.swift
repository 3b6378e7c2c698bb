import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Orders")
struct TrialOrderTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func running(_ order: TrialOrder? = nil) -> Trial {
        let id = TrialID(experiment: ExperimentID("es0000001"), number: 1)
        var trial = Trial(id: id, suggestion: Suggestion(), assignment: [:], createdAt: now)
        trial.claim(by: WorkerID("w"), host: "h", at: now, lease: .seconds(30))
        if let order { trial.give(order) }
        return trial
    }

    @Test("cancel is stronger than stop, and stop than drain")
    func strength() {
        #expect(TrialOrder.allCases.sorted() == [.drain, .stop, .cancel])
        #expect(TrialOrder.cancel.weaker == [.drain, .stop])
        #expect(TrialOrder.drain.weaker.isEmpty)
    }

    @Test("a running trial takes an order unless it has one as strong; no other takes any")
    func takes() {
        for order in TrialOrder.allCases {
            #expect(running().takes(order))
            for earlier in TrialOrder.allCases { #expect(running(earlier).takes(order) == (order > earlier)) }
            var ended = running()
            ended.end(with: AttemptOutcome(cause: .drained), retries: RetryLimits(), at: now)
            #expect(!ended.takes(order))
        }
    }

    @Test("an attempt that is stopped early ends the trial as done with its objective, or cancelled without one")
    func stoppedEarly() {
        var done = running(.stop)
        done.end(with: AttemptOutcome(cause: .stoppedEarly, value: 0.5), retries: RetryLimits(), at: now)
        #expect(done.state == .done && done.cause == .stoppedEarly && done.value == 0.5)
        for value in [nil, Double.nan, .infinity] {
            var trial = running(.stop)
            trial.end(with: AttemptOutcome(cause: .stoppedEarly, value: value), retries: RetryLimits(), at: now)
            #expect(trial.state == .cancelled && trial.cause == .cancelled && trial.value == nil)
            #expect(trial.attempts.last?.outcome?.message?.contains("stopped early") == true)
        }
    }

    @Test("an order is gone with its attempt: a repeated trial starts without one", arguments: TrialOrder.allCases)
    func requeued(order: TrialOrder) {
        var trial = running(order)
        trial.end(with: AttemptOutcome(cause: .lost), retries: RetryLimits(), at: now)
        // What was cancelled is not repeated.
        #expect(trial.state == (order == .cancel ? .cancelled : .new))
        guard trial.state == .new else { return }
        #expect(trial.order == nil)
        trial.claim(by: WorkerID("v"), host: "h", at: now, lease: .seconds(30))
        #expect(trial.order == nil && trial.attempt == 2)
    }
}
