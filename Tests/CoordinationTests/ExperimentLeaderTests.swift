import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@testable import Coordination

@Suite("Experiment leader", .timeLimit(.minutes(10)))
struct ExperimentLeaderTests {
    private let bench = LeaderBench()

    private func points(_ trials: [Trial], _ state: TrialState = .done) -> [Suggestion] {
        trials.filter { $0.state == state }.map(\.suggestion)
    }

    @Test("a grid runs each of its points once, a given one first, and ends as space_exhausted")
    func grid() async throws {
        let first = Suggestion(values: ["a": .integer(2), "b": .integer(2)])
        let definition = Experiments.definition(try Experiments.sixPoints(), .grid, initial: [first])
        let bench = bench
        try await bench.leading(definition) {
            try await bench.working({ _ in LeaderBench.success() }) {
                let (experiment, trials) = try await bench.waitForEnd()
                #expect(experiment.ending == ExperimentEnding(state: .completed, reason: .spaceExhausted))
                #expect(trials.first?.suggestion == first && trials.first?.origin == .initial(0))
                #expect(trials.count == 6 && Set(points(trials)).count == 6)
            }
        }
    }

    @Test("points of a grid that were cancelled, given ones too, come again when the experiment is reopened")
    func reopenedGrid() async throws {
        // Partial points are trials beside the grid's; a full one is one of its points.
        let given = ["a", "b"].map { Suggestion(values: [$0: .integer(2)]) }
        let full = Suggestion(values: ["a": .integer(3), "b": .integer(2)])
        let definition = Experiments.definition(
            try Experiments.sixPoints(),
            .grid,
            limits: Limits(maxTrials: 50),
            initial: given + [full]
        )
        let bench = bench
        try await bench.leading(definition) {
            // Some trials are prepared, none is claimed; then a person ends it all.
            try await bench.wait { _, trials in !trials.isEmpty }
            let cancel = ExperimentEnding(state: .cancelled, reason: .user)
            _ = try await bench.store.requestEnd(of: bench.id, cancel)
            let (ended, cancelled) = try await bench.waitForEnd()
            #expect(ended.state == .cancelled && cancelled.allSatisfy { $0.state == .cancelled })
            let wide = Limits(maxTrials: 60)
            _ = try await bench.store.replaceLimits(of: bench.id, from: definition.limits, to: wide)
            try await bench.working({ _ in LeaderBench.success() }) {
                let (experiment, trials) = try await bench.waitForEnd()
                #expect(experiment.ending?.reason == .spaceExhausted)
                let done = trials.filter { $0.state == .done }
                let origins = Set(done.map(\.origin))
                #expect(origins == [.initial(0), .initial(1), .initial(2), .sampler])
                #expect(done.count == 8)
                let whole = done.filter { $0.origin == .sampler || $0.origin == .initial(2) }.map(\.suggestion)
                #expect(whole.count == 6 && Set(whole).count == 6)
            }
        }
    }

    @Test("a definition that cannot be carried out fails with its reason instead of hanging")
    func impossibleDefinition() async throws {
        let definition = Experiments.definition(try Experiments.line(), .grid)
        let bench = bench
        try await bench.leading(definition) {
            let (experiment, trials) = try await bench.waitForEnd()
            #expect(experiment.state == .failed && experiment.ending?.reason == .invalidDefinition)
            #expect(experiment.ending?.message?.contains("\"x\"") == true)
            #expect(trials.allSatisfy { $0.state == .cancelled })
            #expect(trials.count == experiment.nextTrial - 1)
        }
    }

    @Test("other limits reopen a finished experiment, which is led again and ends again")
    func reopenedByLimits() async throws {
        let definition = Experiments.definition(try Experiments.line(), limits: Limits(maxTrials: 2))
        let bench = bench
        try await bench.leading(definition) {
            try await bench.working({ _ in LeaderBench.success() }) {
                let (first, _) = try await bench.waitForEnd()
                #expect(first.ending?.reason == .maxTrials)
                _ = try await bench.store.replaceLimits(of: bench.id, from: first.limits, to: Limits(maxTrials: 5))
                let (second, trials) = try await bench.waitForEnd()
                #expect(second.ending?.reason == .maxTrials)
                #expect(trials.map(\.state) == [TrialState](repeating: .done, count: 5))
            }
        }
    }

    @Test("a retried trial of a finished experiment is run with the same values, and the experiment ends again")
    func retried() async throws {
        let definition = Experiments.definition(try Experiments.line(), limits: Limits(maxTrials: 3))
        let bench = bench
        try await bench.leading(definition) {
            try await bench.working({ trial in
                trial.id.number == 2 && trial.attempt == 1 ? AttemptOutcome(cause: .failed) : LeaderBench.success()
            }) {
                let (_, before) = try await bench.waitForEnd()
                #expect(before.map(\.state) == [.done, .failed, .done])
                _ = try await bench.store.retryTrial(before[1].id)
                let (ended, after) = try await bench.waitForEnd()
                #expect(ended.ending?.reason == .maxTrials)
                #expect(after.map(\.state) == [.done, .done, .done])
                #expect(after[1].attempt == 2 && after[1].assignment == before[1].assignment)
            }
        }
    }

    @Test("a point that is enqueued while the experiment runs is the next that is tried, once")
    func enqueued() async throws {
        let definition = Experiments.definition(try Experiments.line(), limits: Limits(maxTrials: 3))
        let bench = bench
        try await bench.leading(definition) {
            // Without a worker one trial waits; the point comes after it.
            try await bench.wait { _, trials in trials.count == 1 }
            let point = EnqueuedPoint(id: "p", values: Suggestion(values: ["x": .double(0.25)]))
            _ = try await bench.store.enqueue(point, experiment: bench.id)
            try await bench.working({ _ in LeaderBench.success() }) {
                let (_, trials) = try await bench.waitForEnd()
                #expect(trials.map(\.origin) == [.sampler, .enqueued("p"), .sampler])
                #expect(trials.last.map { $0.state == .done } == true)
                #expect(trials.dropFirst().first?.assignment == ["x": 0.25])
            }
        }
    }

    @Test("a goal that is reached cancels what runs")
    func goal() async throws {
        let definition = Experiments.definition(
            try Experiments.line(),
            limits: Limits(maxTrials: 9, maxConcurrentTrials: 2, goalValue: 0.5)
        )
        let bench = bench
        try await bench.leading(definition) {
            try await bench.working({ $0.id.number == 2 ? LeaderBench.success(0.5) : nil }) {
                let (experiment, trials) = try await bench.waitForEnd()
                #expect(experiment.state == .completed && experiment.ending?.reason == .goalReached)
                #expect(trials.first?.state == .cancelled && trials[1].state == .done)
                #expect(trials.allSatisfy { $0.state.isTerminal })
            }
        }
    }

    @Test("max_trials that is lowered below what is promised lets running trials end, and cancels the others")
    func lowered() async throws {
        let definition = Experiments.definition(try Experiments.line(), limits: Limits(maxTrials: 50))
        let bench = bench
        try await bench.leading(definition) {
            // The first two are claimed and go on; whatever else was prepared is more than the new limit.
            let worker = Worker(id: WorkerID("v"), host: "h", processID: 1, slots: 2, version: "1")
            try await bench.store.register(worker)
            try await bench.wait { _, trials in trials.count >= 6 }
            var held: [Trial] = []
            for _ in 0..<2 {
                let lease = Duration.seconds(600)
                let trial = try await bench.store.claimTrial(of: bench.id, by: worker.id, host: "h", lease: lease)
                held.append(try #require(trial))
            }
            _ = try await bench.store.replaceLimits(of: bench.id, from: definition.limits, to: Limits(maxTrials: 1))
            try await bench.wait { _, trials in trials.dropFirst(2).allSatisfy { $0.state == .cancelled } }
            let ending = try await bench.store.experiment(bench.id)?.ending
            #expect(ending == nil)
            for trial in held {
                _ = try await bench.store.finish(trial, with: LeaderBench.success(), retries: RetryLimits())
            }
            let (experiment, trials) = try await bench.waitForEnd()
            #expect(experiment.ending?.reason == .maxTrials)
            #expect(trials.filter { $0.state == .done }.map(\.id.number) == [1, 2])
        }
    }
}
