import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Retry and reopening")
struct RetryTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func ended(_ cause: TrialCause) -> Trial {
        var trial = Trial(
            id: TrialID(experiment: ExperimentID("es0000001"), number: 1),
            suggestion: Suggestion(values: ["x": .double(1)]),
            assignment: ["x": 1.0],
            origin: .enqueued("p"),
            createdAt: now
        )
        trial.claim(by: WorkerID("w"), host: "h", at: now, lease: .seconds(30))
        trial.end(with: AttemptOutcome(cause: cause, value: 3), retries: RetryLimits(charges: [cause: 0]), at: now)
        return trial
    }

    @Test("a failed or cancelled trial can be retried, no other", arguments: [TrialCause.failed, .lost, .cancelled])
    func retryable(cause: TrialCause) {
        #expect(ended(cause).isRetryable)
        #expect(!ended(.succeeded).isRetryable)
        #expect(!ended(.drained).isRetryable)
    }

    @Test("a retried trial keeps its values, attempts and origin, and nothing of its outcome")
    func retry() {
        let before = ended(.failed)
        var trial = before
        trial.charges = [.lost: 2]
        trial.order = .cancel
        trial.retry()
        #expect(trial.state == .new && trial.owner == nil && trial.cause == nil && trial.value == nil)
        #expect(trial.finishedAt == nil && trial.order == nil && trial.leaseUntil == nil && trial.charges.isEmpty)
        #expect(trial.version == before.version + 1 && trial.attempt == 1)
        #expect(trial.suggestion == before.suggestion && trial.assignment == before.assignment)
        #expect(trial.attempts == before.attempts && trial.origin == before.origin)
        trial.claim(by: WorkerID("v"), host: "h", at: now, lease: .seconds(30))
        #expect(trial.attempt == 2 && trial.attempts.map(\.number) == [1, 2])
        trial.end(with: AttemptOutcome(cause: .succeeded, value: 1), retries: RetryLimits(), at: now)
        #expect(trial.state == .done && !trial.isRetryable)
    }

    private func experiment(_ change: (inout Experiment) -> Void) throws -> Experiment {
        let definition = ExperimentDefinition(
            name: "n",
            command: .shell("true"),
            searchSpace: try SearchSpace(root: [
                "x": .parameter(Parameter(label: "x", domain: .uniform(low: 0, high: 1)))
            ]),
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: .random, seed: 1),
            limits: Limits(maxTrials: 1),
            workingDirectory: "/"
        )
        var experiment = Experiment(id: ExperimentID("es0000001"), definition: definition, createdAt: now)
        experiment.state = .completed
        experiment.ending = ExperimentEnding(state: .completed, reason: .maxTrials)
        experiment.startedAt = now
        experiment.finishedAt = now + .seconds(10)
        change(&experiment)
        return experiment
    }

    @Test("reopening forgets the ending and counts the time since then as a pause")
    func reopen() throws {
        var experiment = try experiment { $0.pausedMilliseconds = 4000 }
        #expect(experiment.activeDuration(at: now + .seconds(60)) == .seconds(6))
        experiment.reopen(at: now + .seconds(60))
        #expect(experiment.state == .running && experiment.ending == nil && experiment.finishedAt == nil)
        #expect(experiment.reopenedAt == now + .seconds(60))
        #expect(experiment.activeDuration(at: now + .seconds(61)) == .seconds(7))
    }

    @Test("one that ended in a pause stood still since the pause began")
    func reopenPaused() throws {
        var experiment = try experiment { $0.pausedAt = now + .seconds(3) }
        experiment.reopen(at: now + .seconds(60))
        #expect(experiment.pausedAt == nil)
        #expect(experiment.activeDuration(at: now + .seconds(62)) == .seconds(5))
    }

    @Test("one that never ran has nothing to account for")
    func reopenUnstarted() throws {
        var experiment = try experiment { $0.startedAt = nil }
        experiment.reopen(at: now + .seconds(60))
        #expect(experiment.pausedMilliseconds == 0 && experiment.activeDuration(at: now + .seconds(61)) == nil)
    }

    @Test("an experiment winds down from the decision until its end")
    func windingDown() throws {
        #expect(!(try experiment { _ in }.isWindingDown))
        #expect(try experiment { $0.state = .paused }.isWindingDown)
        let running = try experiment {
            $0.state = .running
            $0.ending = nil
        }
        #expect(!running.isWindingDown)
    }

    @Test(
        "an origin is read back from its text, and nothing else is an origin",
        arguments: [TrialOrigin.sampler, .initial(0), .initial(12), .enqueued(""), .enqueued("a:b")]
    )
    func originText(origin: TrialOrigin) {
        #expect(TrialOrigin(text: origin.text) == origin)
        for text in ["", "initial:", "initial:-1", "initial:x", "person"] { #expect(TrialOrigin(text: text) == nil) }
    }
}
