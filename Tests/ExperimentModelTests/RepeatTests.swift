import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Repeats of attempts")
struct RepeatTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func newTrial() -> Trial {
        Trial(
            id: TrialID(experiment: ExperimentID("es0000001"), number: 7),
            suggestion: Suggestion(),
            assignment: [:],
            createdAt: now
        )
    }

    private func lose(_ trial: inout Trial, by worker: String, heard: Bool, at time: Timestamp) {
        let id = WorkerID(worker)
        trial.claim(by: id, host: "node", at: time, lease: .seconds(30))
        trial.end(with: .lost(worker: id), retries: RetryLimits(), hasBeenHeard: heard, at: time)
    }

    @Test("the first repeat of a lost attempt is made at once, the others after 5 s, 10 s and so on up to five minutes")
    func lostDelays() {
        let delays = (0...8).map { RetryLimits().delay(for: .lost, charged: $0).inSeconds }
        #expect(delays == [0, 5, 10, 20, 40, 80, 160, 300, 300])
    }

    @Test(
        "repeats for other causes wait 2 s, 4 s and so on up to five minutes",
        arguments: RetryLimits.retryableCauses.filter { $0 != .lost }
    )
    func delays(cause: TrialCause) {
        let delays = (0...9).map { RetryLimits().delay(for: cause, charged: $0).inSeconds }
        #expect(delays == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
        #expect(RetryLimits().delay(for: cause, charged: .max) == RetryLimits.longestDelay)
    }

    @Test(
        "the file may set the first delay; zero is at once for ever, and whatever is stored, five minutes are the most"
    )
    func firstDelay() {
        func delays(_ first: Double, _ cause: TrialCause) -> [Double] {
            let retries = RetryLimits(firstDelaySeconds: first)
            return (0...3).map { retries.delay(for: cause, charged: $0).inSeconds }
        }
        #expect(delays(0.5, .failed) == [0.5, 1, 2, 4] && delays(0.5, .lost) == [0, 0.5, 1, 2])
        #expect(delays(0, .failed) == [0, 0, 0, 0] && delays(0, .lost) == [0, 0, 0, 0])
        #expect(delays(-1, .failed) == [0, 0, 0, 0])
        #expect(delays(200, .failed) == [200, 300, 300, 300] && delays(.infinity, .failed) == [300, 300, 300, 300])
        #expect(RetryLimits(firstDelaySeconds: 0).delay(for: .lost, charged: .max) == .zero)
    }

    @Test("a repeat waits from the end of its attempt on, a claim and a person's retry end the wait, a drain has none")
    func waits() {
        let retries = RetryLimits(charges: [.failed: 3])
        var trial = newTrial()
        for wait in [2, 4, 8] {
            trial.claim(by: WorkerID("w"), host: "node", at: now, lease: .seconds(30))
            #expect(trial.notBefore == nil)
            let disposition = trial.end(with: AttemptOutcome(cause: .failed), retries: retries, at: now)
            #expect(disposition == .requeue(charging: .failed, after: .seconds(wait)))
            #expect(trial.notBefore == now + .seconds(wait))
            #expect(trial.isDelayed(at: now) && !trial.isDelayed(at: now + .seconds(wait)))
        }
        trial.claim(by: WorkerID("w"), host: "node", at: now, lease: .seconds(30))
        trial.end(with: AttemptOutcome(cause: .drained), retries: retries, at: now)
        #expect(trial.notBefore == nil && trial.charges == [.failed: 3])
        trial.claim(by: WorkerID("w"), host: "node", at: now, lease: .seconds(30))
        trial.end(with: AttemptOutcome(cause: .failed), retries: retries, at: now)
        #expect(trial.state == .failed && trial.notBefore == nil)
        trial.retry()
        #expect(trial.state == .new && trial.notBefore == nil && !trial.isDelayed(at: now))
    }

    @Test("a trial that two workers vanished with is poison, unless any attempt was ever heard of")
    func poison() throws {
        var trial = newTrial()
        lose(&trial, by: "h:1:a", heard: false, at: now)
        #expect(trial.state == .new && trial.charges == [.lost: 1])
        lose(&trial, by: "h:2:b", heard: false, at: now)
        #expect(trial.state == .failed && trial.cause == .lost && trial.charges == [.lost: 1])
        let message = try #require(trial.attempts.last?.outcome?.message)
        for part in ["h:1:a", "h:2:b", "hyperserver retry es0000001 7"] { #expect(message.contains(part)) }

        var heard = newTrial()
        for worker in ["h:1:a", "h:2:b", "h:3:c"] { lose(&heard, by: worker, heard: true, at: now) }
        #expect(heard.state == .new && heard.charges == [.lost: 3])
    }

    @Test("the same worker twice is one; what came before a person's retry does not count, other causes do no harm")
    func poisonCounts() {
        var trial = newTrial()
        for _ in 1...3 { lose(&trial, by: "h:1:a", heard: false, at: now) }
        #expect(trial.state == .new && trial.charges == [.lost: 3])
        lose(&trial, by: "h:2:b", heard: false, at: now)
        #expect(trial.state == .failed)
        trial.retry()
        lose(&trial, by: "h:3:c", heard: false, at: now)
        #expect(trial.state == .new)
        trial.claim(by: WorkerID("h:4:d"), host: "node", at: now, lease: .seconds(30))
        #expect(trial.workersIfLost == [WorkerID("h:3:c"), WorkerID("h:4:d")])
        trial.end(with: AttemptOutcome(cause: .drained), retries: RetryLimits(), hasBeenHeard: false, at: now)
        #expect(trial.state == .new)
        lose(&trial, by: "h:4:d", heard: false, at: now)
        #expect(trial.state == .failed)
    }

    @Test("an order to cancel stands above poison, and a result above both")
    func poisonAndOrders() {
        var trial = newTrial()
        lose(&trial, by: "h:1:a", heard: false, at: now)
        trial.claim(by: WorkerID("h:2:b"), host: "node", at: now, lease: .seconds(30))
        trial.order = .cancel
        let lost = trial.attemptEnd(with: .lost(worker: trial.owner), retries: RetryLimits(), hasBeenHeard: false)
        #expect(lost.disposition == .finish(.cancelled))
        let success = AttemptOutcome(cause: .succeeded, value: 1)
        let done = trial.attemptEnd(with: success, retries: RetryLimits(), hasBeenHeard: false)
        #expect(done.disposition == .finish(.done) && done.outcome == success)
    }

    @Test("who loses its last repeat is told so")
    func lostForGood() throws {
        var trial = newTrial()
        for worker in 1...4 { lose(&trial, by: "h:\(worker):a", heard: true, at: now) }
        #expect(trial.state == .failed)
        let message = try #require(trial.attempts.last?.outcome?.message)
        #expect(message.contains("h:4:a") && message.hasSuffix("Its 3 repeats are used up."))
    }

    @Test("events tell which repeat it is and how long it waits")
    func events() {
        let retries = RetryLimits(charges: [.failed: 2])
        var trial = newTrial()
        for (second, cause) in [TrialCause.failed, .lost, .drained, .failed].enumerated() {
            let time = now + .seconds(10 * second)
            trial.claim(by: WorkerID("w\(second)"), host: "node", at: time, lease: .seconds(30))
            trial.end(with: AttemptOutcome(cause: cause), retries: retries, at: time)
        }
        let requeued = ExperimentEvents.events(of: trial, limits: retries).filter { $0.kind == .requeued }
        #expect(
            requeued.map(\.message) == [
                "repeat 1 of 2 for failed, after 2 s", "repeat 1 of 3 for lost, at once", "without charge",
                "repeat 2 of 2 for failed, after 4 s",
            ]
        )
        #expect(requeued.map(\.cause) == [.failed, .lost, .drained, .failed])
    }
}
