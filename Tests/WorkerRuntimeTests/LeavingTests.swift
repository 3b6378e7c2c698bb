import Coordination
import Execution
import ExperimentModel
import MemoryTrialStore
import Testing
import TuningTestKit

@testable import WorkerRuntime

@Suite("Worker runtime: leaving while the store is slow", .timeLimit(.minutes(3)))
struct LeavingTests {
    private let bench = Bench()
    private let clock = ManualClock()

    private func worker(
        _ executor: any TrialExecutor,
        _ store: HookedStore,
        drainTimeout: Duration = .seconds(60)
    ) -> WorkerRuntime<ManualClock> {
        WorkerRuntime(
            store: store,
            executor: executor,
            worker: Worker(id: WorkerID("node:1:a"), host: "node", processID: 1, slots: 1, version: "test"),
            options: WorkerOptions(slots: 1, drainTimeout: drainTimeout, spoolDirectory: "/tmp"),
            settings: bench.settings,
            clock: clock,
            logger: bench.logger
        )
    }

    /// One trial that can be claimed.
    private func prepareTrial() async throws -> ExperimentID {
        let id = try await bench.create(Limits(maxTrials: 1))
        let lead = try #require(await bench.store.takeLead(of: id, as: "test", lease: .seconds(600)))
        _ = try await bench.store.change(.begin, lead: lead)
        _ = try await bench.store.reserveTrials(1, lead: lead)
        try await bench.store.insertTrials([try TrialStoreConformance.trial(1, of: id)])
        return id
    }

    @Test("told to stop when its result is stored and its reports are not, a worker leaves after its farewell")
    func stopWhileUploading() async throws {
        let id = try await prepareTrial()
        let (never, continuation) = AsyncStream.makeStream(of: Void.self)
        defer { continuation.finish() }
        var store = HookedStore(store: bench.store)
        store.recording = { _ in
            for await _ in never {}
            throw TrialStoreError.unavailable("away")
        }
        let executor = ScriptedExecutor { request, _, sink in
            let (trial, attempt) = (request.trial, request.attempt)
            sink.observations([
                Observation(trial: trial, attempt: attempt, sequence: 0, metric: "loss", step: 0, value: 1)
            ])
            return .finished(AttemptOutcome(cause: .succeeded, value: 1))
        }
        let worker = worker(executor, store)
        let (bench, clock) = (bench, clock)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            await bench.wait(id) { $0.contains { $0.state == .done } }
            // The slot waits for its uploads now, or is about to.
            // Not at a moment at which something else of the worker begins to sleep for as long.
            let told = ManualClock.Instant().advanced(by: .milliseconds(1))
            clock.advance(to: told)
            await worker.stop()
            let end = told.advanced(by: WorkerRuntime<ManualClock>.farewellTimeout)
            await clock.waitForSleeper(until: end)
            clock.advance(to: end)
            await group.waitForAll()
        }
        #expect(await bench.store.liveWorkers(within: .seconds(600)).isEmpty)
    }

    @Test("a trial that a claim brings only after the drain time-out is not run")
    func lateClaim() async throws {
        let id = try await prepareTrial()
        let (claims, claim) = AsyncStream.makeStream(of: Void.self)
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        var store = HookedStore(store: bench.store)
        store.claimed = { _ in
            claim.yield()
            for await _ in gate {}
        }
        let executor = ScriptedExecutor.stubborn()
        let worker = worker(executor, store, drainTimeout: .seconds(3))
        let clock = clock
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            for await _ in claims { break }
            await worker.drain()
            let end = ManualClock.Instant().advanced(by: .seconds(3))
            await clock.waitForSleeper(until: end)
            clock.advance(to: end)
            opening.finish()
            await group.waitForAll()
        }
        let trial = try #require(await bench.store.trials(of: id, .number(1)).first)
        #expect(trial.state == .new && trial.charges.isEmpty)
    }
}
