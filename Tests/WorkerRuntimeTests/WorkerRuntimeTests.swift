import Coordination
import Execution
import ExperimentModel
import MemoryTrialStore
import Testing
import TuningTestKit

@testable import WorkerRuntime

@Suite("Worker runtime with a leader and a memory store", .timeLimit(.minutes(10)))
struct WorkerRuntimeTests {
    private let bench = Bench()

    @Test("two workers and a leader run every trial once and end the experiment")
    func runsAll() async throws {
        let bench = bench
        let id = try await bench.create(Limits(maxTrials: 60))
        let workers = ["a", "b"].map { bench.worker(ScriptedExecutor.succeeding, slots: 3, name: $0) }
        try await bench.withWorkers(workers) { try await bench.leader(id).run() }
        let experiment = try #require(await bench.store.experiment(id))
        #expect(experiment.state == .completed && experiment.ending?.reason == .maxTrials)
        #expect(experiment.startedAt != nil && experiment.finishedAt != nil)
        #expect(experiment.lead == nil)
        let trials = await bench.store.trials(of: id, .all)
        #expect(trials.map(\.id.number) == Array(1...60))
        #expect(trials.allSatisfy { $0.state == .done && $0.attempt == 1 && $0.value != nil })
        for trial in trials {
            #expect(await bench.store.observations(of: trial.id).map(\.value) == [try #require(trial.value)])
        }
        #expect(await bench.store.liveWorkers(within: .seconds(60)).isEmpty)
    }

    @Test("the same seed gives the same trials, whoever leads and works")
    func reproducible() async throws {
        var runs: [[Trial]] = []
        for slots in [1, 4] {
            let bench = Bench()
            let id = try await bench.create(Limits(maxTrials: 20))
            let worker = bench.worker(ScriptedExecutor.succeeding, slots: slots)
            try await bench.withWorkers([worker]) { try await bench.leader(id).run() }
            runs.append(await bench.store.trials(of: id, .all))
        }
        #expect(runs[0].map(\.suggestion) == runs[1].map(\.suggestion))
        #expect(runs[0].map(\.assignment) == runs[1].map(\.assignment))
    }

    @Test("never more trials at once than max_concurrent_trials, however many slots there are")
    func concurrencyLimit() async throws {
        let bench = bench
        let id = try await bench.create(Limits(maxTrials: 12, maxConcurrentTrials: 2))
        let store = bench.store
        let executor = ScriptedExecutor { request, _, _ in
            let open = await store.trials(of: request.trial.experiment, .open())
            return .finished(AttemptOutcome(cause: .succeeded, value: Double(open.count)))
        }
        try await bench.withWorkers([bench.worker(executor, slots: 8)]) { try await bench.leader(id).run() }
        let values = await bench.store.trials(of: id, .all).compactMap(\.value)
        #expect(values.count == 12 && values.allSatisfy { $0 <= 2 })
    }

    @Test("a new leader goes on where the first one stopped")
    func takeover() async throws {
        let bench = bench
        let id = try await bench.create(Limits(maxTrials: 40))
        let worker = bench.worker(ScriptedExecutor.succeeding)
        try await bench.withWorkers([worker]) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await bench.leader(id, name: "first").run() }
                group.addTask { await bench.wait(id) { $0.filter { $0.state == .done }.count >= 5 } }
                try await group.next()
                group.cancelAll()
                try await group.waitForAll()
            }
            try await bench.leader(id, name: "second").run()
        }
        let trials = await bench.store.trials(of: id, .all)
        #expect(trials.map(\.id.number) == Array(1...40))
        #expect(trials.allSatisfy { $0.state == .done && $0.attempt == 1 })
        #expect(await bench.store.experiment(id)?.epoch ?? 0 >= 1)
    }

    @Test("a failure that may be repeated is, and then it counts")
    func retries() async throws {
        let bench = bench
        let id = try await bench.create(Limits(maxTrials: 4))
        // The default allows no repeats of `failed`; a drain is free and shows the same way back.
        let executor = ScriptedExecutor { request, _, _ in
            if request.attempt == 1 { return .stopped(.drained, AttemptOutcome(cause: .drained)) }
            return .finished(AttemptOutcome(cause: .succeeded, value: 1))
        }
        try await bench.withWorkers([bench.worker(executor)]) { try await bench.leader(id).run() }
        let trials = await bench.store.trials(of: id, .all)
        #expect(trials.allSatisfy { $0.state == .done && $0.attempt == 2 && $0.charges.isEmpty })
    }

    @Test("trials that all fail end the experiment early, with the last error")
    func failFast() async throws {
        let bench = bench
        let id = try await bench.create(Limits(maxTrials: 1000))
        let executor = ScriptedExecutor { _, _, _ in
            .finished(
                AttemptOutcome(cause: .failed, exitStatus: 127, message: "train.py was not found", errorTail: "oops")
            )
        }
        try await bench.withWorkers([bench.worker(executor)]) { try await bench.leader(id).run() }
        let experiment = try #require(await bench.store.experiment(id))
        #expect(experiment.state == .failed && experiment.ending?.reason == .failFast)
        let message = try #require(experiment.ending?.message)
        #expect(message.contains("train.py was not found") && message.contains("oops"))
        #expect(await bench.store.trials(of: id, .all).allSatisfy { $0.state.isTerminal })
    }

    @Test("a cancelled experiment stops its running trials and drops its new ones")
    func cancel() async throws {
        let bench = bench
        let id = try await bench.create(Limits(maxTrials: 100))
        let worker = bench.worker(ScriptedExecutor.stubborn(), slots: 2)
        try await bench.withWorkers([worker]) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await bench.leader(id).run() }
                await bench.wait(id) { $0.filter { $0.state == .running }.count == 2 }
                _ = await bench.store.requestEnd(of: id, ExperimentEnding(state: .cancelled, reason: .user))
                try await group.waitForAll()
            }
        }
        #expect(await bench.store.experiment(id)?.state == .cancelled)
        let counts = await bench.store.trialCounts(of: id)
        #expect(Set(counts.keys) == [.cancelled])
    }

    @Test("a worker told to stop gives its trials back without charge, and claims no more")
    func stop() async throws {
        let bench = bench
        let id = try await bench.create(Limits(maxTrials: 10))
        let executor = ScriptedExecutor.stubborn()
        let worker = bench.worker(executor, slots: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bench.leader(id).run() }
            try await withThrowingTaskGroup(of: Void.self) { inner in
                inner.addTask { await worker.run() }
                await bench.wait(id) { $0.filter { $0.state == .running }.count == 2 }
                await worker.stop()
                try await inner.waitForAll()
            }
            group.cancelAll()
        }
        let trials = await bench.store.trials(of: id, .all)
        #expect(trials.allSatisfy { $0.state == .new && $0.charges.isEmpty && $0.owner == nil })
        #expect(executor.begun.count == 2)
    }

    @Test("a draining worker stops its trials only when the drain time-out is over")
    func drainTimeout() async throws {
        let bench = bench
        let id = try await bench.create(Limits(maxTrials: 10))
        let worker = bench.worker(ScriptedExecutor.stubborn(), slots: 1, drainTimeout: .milliseconds(20))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bench.leader(id).run() }
            try await withThrowingTaskGroup(of: Void.self) { inner in
                inner.addTask { await worker.run() }
                await bench.wait(id) { $0.contains { $0.state == .running } }
                await worker.drain()
                try await inner.waitForAll()
            }
            group.cancelAll()
        }
        let first = try #require(await bench.store.trials(of: id, .number(1)).first)
        #expect(first.state == .new && first.attempts.first?.outcome?.cause == .drained)
    }

    @Test("an idle worker that is told to leave has signed off when it has left", arguments: 0..<20)
    func signsOff(_: Int) async throws {
        let worker = bench.worker(ScriptedExecutor.succeeding)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            group.addTask { await worker.drain() }
            try await group.waitForAll()
        }
        #expect(await bench.store.knownWorkers().isEmpty)
    }

    @Test("a worker leaves by itself when it was idle for long enough")
    func exitWhenIdle() async throws {
        let worker = bench.worker(ScriptedExecutor.succeeding, exitWhenIdle: .milliseconds(10))
        await worker.run()
        #expect(await bench.store.liveWorkers(within: .seconds(60)).isEmpty)
    }

    @Test("a worker that claims a trial again stops its own earlier attempt, and the new one counts")
    func claimsAgain() async throws {
        let bench = bench
        let id = try await bench.create(Limits(maxTrials: 1))
        let (ends, earlierEnd) = AsyncStream.makeStream(of: StopReason.self)
        let store = bench.store
        let executor = ScriptedExecutor { request, control, _ in
            if request.attempt > 1 {
                // Only the end of the other slot's attempt lets this one succeed.
                for await _ in ends { return .finished(AttemptOutcome(cause: .succeeded, value: 2)) }
                return .finished(AttemptOutcome(cause: .failed))
            }
            let (requests, continuation) = AsyncStream.makeStream(of: StopRequest.self)
            control.onStop { continuation.yield($0) }
            guard let trial = await store.trials(of: id, .number(1)).first else {
                return .finished(AttemptOutcome(cause: .failed))
            }
            _ = await store.finish(trial, with: .lost(worker: trial.owner), retries: RetryLimits())
            for await request in requests {
                earlierEnd.yield(request.reason)
                return .stopped(request.reason, AttemptOutcome(cause: .succeeded, value: 1))
            }
            return .finished(AttemptOutcome(cause: .failed))
        }
        try await bench.withWorkers([bench.worker(executor, slots: 2)]) { try await bench.leader(id).run() }
        let trial = try #require(await bench.store.trials(of: id, .number(1)).first)
        #expect(trial.state == .done && trial.attempt == 2 && trial.value == 2)
    }

    @Test("a worker whose lease was given to another stops the trial and reports nothing")
    func leaseLost() async throws {
        var bench = bench
        bench.settings.trialLease = .milliseconds(90)
        let fixed = bench
        let id = try await bench.create(Limits(maxTrials: 1))
        let lead = try #require(await bench.store.takeLead(of: id, as: "test", lease: .seconds(60)))
        _ = try await bench.store.change(.begin, lead: lead)
        _ = try await bench.store.reserveTrials(1, lead: lead)
        try await bench.store.insertTrials([try TrialStoreConformance.trial(1, of: id)])
        let executor = ScriptedExecutor { request, control, _ in
            // Another worker holds the trial before this attempt hears of it.
            await fixed.takeAway(id, lead)
            let (requests, continuation) = AsyncStream.makeStream(of: StopRequest.self)
            control.onStop { continuation.yield($0) }
            for await request in requests {
                return .stopped(request.reason, AttemptOutcome(cause: .succeeded, value: 1))
            }
            return .finished(AttemptOutcome(cause: .failed))
        }
        let worker = bench.worker(executor, slots: 1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            await fixed.wait(id) { $0.contains { $0.attempt == 2 } }
            await worker.drain()
            try await group.waitForAll()
        }
        let trial = try #require(await bench.store.trials(of: id, .number(1)).first)
        #expect(trial.state == .running && trial.owner == WorkerID("other:1:b"))
        #expect(executor.begun.count == 1)
    }
}

extension Bench {
    /// Ends the current attempt as lost and claims the next for another worker.
    func takeAway(_ id: ExperimentID, _ lead: Lead) async {
        guard let trial = await store.trials(of: id, .number(1)).first else { return }
        _ = await store.finish(trial, with: .lost(worker: trial.owner), retries: RetryLimits())
        _ = await store.claimTrial(of: id, by: WorkerID("other:1:b"), host: "other", lease: .seconds(60))
    }
}
