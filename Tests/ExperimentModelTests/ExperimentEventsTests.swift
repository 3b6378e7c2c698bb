import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Events of an experiment")
struct ExperimentEventsTests {
    private let id = ExperimentID("es0000001")

    private func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    private func experiment() throws -> Experiment {
        let definition = ExperimentDefinition(
            name: "events",
            command: .arguments(["true"]),
            searchSpace: try SearchSpace(
                root: ["x": .parameter(Parameter(label: "x", domain: .uniform(low: 0, high: 1)))]
            ),
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: .random, seed: 1),
            limits: Limits(maxTrials: 1),
            workingDirectory: "/tmp"
        )
        return Experiment(id: id, definition: definition, createdAt: time(0))
    }

    private func trial(_ number: Int) -> Trial {
        Trial(
            id: TrialID(experiment: id, number: number),
            suggestion: Suggestion(),
            assignment: [:],
            createdAt: time(10)
        )
    }

    private func run(_ trial: inout Trial, from start: Int64, to end: Int64, _ cause: TrialCause) {
        trial.claim(by: WorkerID("w"), host: "node", at: time(start), lease: .seconds(1))
        trial.end(with: AttemptOutcome(cause: cause), retries: RetryLimits(), at: time(end))
    }

    @Test("a return to the queue is told, a final end is not, and a retry explains what came after one")
    func requeues() {
        var requeued = trial(1)
        run(&requeued, from: 20, to: 30, .drained)
        #expect(
            ExperimentEvents.events(of: requeued).map(\.kind) == [.trialCreated, .claimed, .attemptEnded, .requeued]
        )
        run(&requeued, from: 30, to: 40, .failed)
        let ended: [ExperimentEvent.Kind] = [
            .trialCreated, .claimed, .attemptEnded, .requeued, .claimed, .attemptEnded,
        ]
        #expect(ExperimentEvents.events(of: requeued).map(\.kind) == ended)
        requeued.retry()
        #expect(ExperimentEvents.events(of: requeued, retriesAskedAt: [time(45)]).map(\.kind) == ended)
        requeued.cancel(at: time(50))
        let cancelled = ExperimentEvents.events(of: requeued, retriesAskedAt: [time(45)])
        #expect(cancelled.map(\.kind) == ended + [.trialCancelled])
        #expect(cancelled.last?.at == time(50))
    }

    @Test("events of one time keep the order in which such things happen")
    func order() throws {
        var experiment = try experiment()
        experiment.state = .completed
        experiment.ending = ExperimentEnding(state: .completed, reason: .maxTrials)
        experiment.finishedAt = time(0)
        var only = trial(1)
        only.createdAt = time(0)
        run(&only, from: 0, to: 0, .succeeded)
        let stored = [ExperimentEvent(.ended, at: time(0), message: "x"), ExperimentEvent(.led, at: time(0))]
        let timeline = ExperimentEvents.timeline(experiment, trials: [only], stored: stored)
        #expect(timeline.map(\.kind) == [.created, .led, .trialCreated, .claimed, .attemptEnded, .ended])
        #expect(timeline.last?.message == "x")
    }

    @Test("what the experiment's document tells is there, stored or not")
    func filled() throws {
        var experiment = try experiment()
        experiment.state = .cancelled
        experiment.ending = ExperimentEnding(state: .cancelled, reason: .user)
        experiment.finishedAt = time(9)
        experiment.reopenedAt = time(5)
        let timeline = ExperimentEvents.timeline(experiment, trials: [], stored: [])
        #expect(timeline.map(\.kind) == [.created, .reopened, .ended])
        #expect(timeline.last?.message == "cancelled (user)")
    }

    @Test("a change of limits is told limit by limit")
    func limits() {
        let old = Limits(maxTrials: 40, maxDurationSeconds: 0.5)
        let new = Limits(maxTrials: 60, maxDurationSeconds: 0.5, goalValue: 1e-3, isFailFast: false)
        #expect(old.changes(to: new) == ["max_trials 40 → 60", "goal_value none → 0.001", "fail_fast true → false"])
        #expect(old.changes(to: old).isEmpty)
    }
}
