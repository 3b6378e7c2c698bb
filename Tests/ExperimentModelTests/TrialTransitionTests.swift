import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Trial transitions")
struct TrialTransitionTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)
    private let worker = WorkerID("node:1:a")

    private func newTrial() -> Trial {
        Trial(
            id: TrialID(experiment: ExperimentID("es0000001"), number: 1),
            suggestion: Suggestion(),
            assignment: [:],
            createdAt: now
        )
    }

    @Test("a finite objective is done, whatever order came", arguments: [TrialOrder?.none, .cancel])
    func successIsDone(order: TrialOrder?) {
        for cause in [TrialCause.succeeded, .stoppedEarly] {
            #expect(
                Trial.disposition(of: cause, charges: [:], retries: RetryLimits(), order: order) == .finish(.done)
            )
        }
    }

    @Test(
        "a cause is repeated as often as it has charges, then the trial has failed",
        arguments: RetryLimits.retryableCauses
    )
    func retries(cause: TrialCause) {
        let retries = RetryLimits(charges: [cause: 2])
        for charged in 0..<2 {
            let disposition = Trial.disposition(of: cause, charges: [cause: charged], retries: retries)
            let delay = retries.delay(for: cause, charged: charged)
            #expect(disposition == .requeue(charging: cause, after: delay))
        }
        #expect(Trial.disposition(of: cause, charges: [cause: 2], retries: retries) == .finish(.failed))
    }

    @Test("without a word in the file, only lost attempts are repeated, three times")
    func defaultRetries() {
        for cause in RetryLimits.retryableCauses {
            #expect(RetryLimits().allowed(for: cause) == (cause == .lost ? 3 : 0))
        }
    }

    @Test("charges of one cause do not use up another's")
    func chargesAreApart() {
        let retries = RetryLimits(charges: [.lost: 1, .failed: 1], firstDelaySeconds: 0)
        #expect(Trial.disposition(of: .failed, charges: [.lost: 1], retries: retries) == .requeue(charging: .failed))
    }

    @Test("a drain is free, but an order to cancel outlives it")
    func drain() {
        #expect(Trial.disposition(of: .drained, charges: [:], retries: RetryLimits()) == .requeue(charging: nil))
        #expect(
            Trial.disposition(of: .drained, charges: [:], retries: RetryLimits(), order: .cancel) == .finish(.cancelled)
        )
    }

    @Test("attempt and version only grow, and each attempt keeps its own record")
    func attemptsGrow() {
        var trial = newTrial()
        var versions = [trial.version]
        for attempt in 1...3 {
            trial.claim(by: worker, host: "node", at: now, lease: .seconds(30))
            #expect(trial.attempt == attempt)
            versions.append(trial.version)
            trial.end(with: AttemptOutcome(cause: .drained), retries: RetryLimits(), at: now)
            versions.append(trial.version)
        }
        #expect(zip(versions, versions.dropFirst()).allSatisfy(<))
        #expect(trial.attempts.map(\.number) == [1, 2, 3])
        #expect(trial.state == .new && trial.owner == nil && trial.leaseUntil == nil)
    }

    @Test("a lease has expired from its end on, and only while the trial runs")
    func expiry() {
        var trial = newTrial()
        #expect(!trial.hasExpired(at: now))
        trial.claim(by: worker, host: "node", at: now, lease: .seconds(30))
        #expect(!trial.hasExpired(at: now + .milliseconds(29_999)))
        #expect(trial.hasExpired(at: now + .seconds(30)))
        trial.end(with: AttemptOutcome(cause: .succeeded, value: 1), retries: RetryLimits(), at: now)
        #expect(!trial.hasExpired(at: now + .seconds(60)))
    }

    @Test("a cancelled trial has neither value nor another cause")
    func cancelled() {
        var trial = newTrial()
        trial.claim(by: worker, host: "node", at: now, lease: .seconds(30))
        trial.order = .cancel
        trial.end(with: AttemptOutcome(cause: .failed, value: 3), retries: RetryLimits(), at: now)
        #expect(trial.state == .cancelled && trial.cause == .cancelled && trial.value == nil)
        #expect(trial.attempts.last?.outcome?.cause == .failed)
    }
}
