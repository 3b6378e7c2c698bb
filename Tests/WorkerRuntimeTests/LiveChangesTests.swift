import Coordination
import Execution
import ExperimentModel
import MemoryTrialStore
import Synchronization
import Testing
import TuningTestKit

@testable import WorkerRuntime

@Suite("Worker runtime and what people change later", .timeLimit(.minutes(10)))
struct LiveChangesTests {
    private let bench = Bench()

    /// The trials that attempts were made of, with the time-out of each.
    private final class Log: Sendable {
        private let state = Mutex<[Duration?]>([])
        var timeouts: [Duration?] { state.withLock { $0 } }
        func append(_ timeout: Duration?) { state.withLock { $0.append(timeout) } }
    }

    @Test("a time-out that a person changed counts for the attempts that begin after the worker saw it")
    func timeout() async throws {
        let bench = bench
        let log = Log()
        let old = Limits(maxTrials: 5000, maxConcurrentTrials: 2, trialTimeoutSeconds: 5)
        var changed = old
        changed.trialTimeoutSeconds = 7
        let new = changed
        let id = try await bench.create(old)
        let store = bench.store
        let executor = ScriptedExecutor { request, _, _ in
            log.append(request.timeout)
            if log.timeouts.count == 1 { _ = try? await store.replaceLimits(of: id, from: old, to: new) }
            if request.timeout == .seconds(7) {
                _ = await store.requestEnd(of: id, ExperimentEnding(state: .cancelled, reason: .user))
            }
            return .finished(AttemptOutcome(cause: .succeeded, value: 1))
        }
        try await bench.withWorkers([bench.worker(executor, slots: 1)]) { try await bench.leader(id).run() }
        #expect(await store.experiment(id)?.state == .cancelled)
        #expect(log.timeouts.first == .seconds(5))
        #expect(log.timeouts.last == .seconds(7))
    }

    @Test("an experiment that ended and was reopened is worked on again by the same worker")
    func reopened() async throws {
        let bench = bench
        let old = Limits(maxTrials: 2)
        let id = try await bench.create(old)
        try await bench.withWorkers([bench.worker(ScriptedExecutor.succeeding)]) {
            try await bench.leader(id).run()
            let experiment = try await bench.store.replaceLimits(of: id, from: old, to: Limits(maxTrials: 5))
            #expect(experiment?.state == .running)
            try await bench.leader(id).run()
        }
        let trials = await bench.store.trials(of: id, .all)
        #expect(trials.map(\.id.number) == Array(1...5))
        #expect(trials.allSatisfy { $0.state == .done })
    }

    @Test("a trial that is retried after the end gets another attempt by the same worker")
    func retried() async throws {
        let bench = bench
        let id = try await bench.create(Limits(maxTrials: 3))
        let executor = ScriptedExecutor { request, _, _ in
            let fails = request.trial.number == 2 && request.attempt == 1
            return .finished(fails ? AttemptOutcome(cause: .failed) : AttemptOutcome(cause: .succeeded, value: 1))
        }
        try await bench.withWorkers([bench.worker(executor)]) {
            try await bench.leader(id).run()
            let trial = try await bench.store.retryTrial(TrialID(experiment: id, number: 2))
            #expect(trial?.state == .new)
            try await bench.leader(id).run()
        }
        #expect(await bench.store.experiment(id)?.state == .completed)
        let trials = await bench.store.trials(of: id, .all)
        #expect(trials.map(\.attempt) == [1, 2, 1])
        #expect(trials.allSatisfy { $0.state == .done })
    }
}
