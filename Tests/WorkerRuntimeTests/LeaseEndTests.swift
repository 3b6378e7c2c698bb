import Coordination
import Execution
import ExperimentModel
import MemoryTrialStore
import Testing
import TuningTestKit

@testable import WorkerRuntime

@Suite("Leases that cannot be renewed", .timeLimit(.minutes(5)))
struct LeaseEndTests {
    /// A memory store that does not answer renewals.
    private struct CutOffStore: WorkerStore {
        let store: MemoryTrialStore
        /// Called when the store has given a trial away and the worker does not know of it yet.
        let onClaim: @Sendable () async -> Void

        init(_ store: MemoryTrialStore, onClaim: @escaping @Sendable () async -> Void = {}) {
            self.store = store
            self.onClaim = onClaim
        }

        func claimTrial(
            of experiment: ExperimentID,
            by worker: WorkerID,
            host: String,
            lease: Duration
        ) async throws -> Trial? {
            let trial = await store.claimTrial(of: experiment, by: worker, host: host, lease: lease)
            if trial != nil { await onClaim() }
            return trial
        }

        func renewLeases(of worker: WorkerID, lease: Duration) async throws -> [HeldTrial] {
            throw TrialStoreError.unavailable("cut off")
        }

        func register(_ worker: Worker) async throws -> Worker { await store.register(worker) }
        func unregister(_ worker: WorkerID) async throws { await store.unregister(worker) }
        func experiments(_ query: ExperimentQuery) async throws -> [Experiment] { await store.experiments(query) }
        func finish(_ claimed: Trial, with outcome: AttemptOutcome, retries: RetryLimits) async throws -> FinishResult {
            await store.finish(claimed, with: outcome, retries: retries)
        }
        func record(_ observations: [Observation]) async throws { await store.record(observations) }
        func appendLog(_ chunks: [LogChunk]) async throws { await store.appendLog(chunks) }
        func trials(of experiment: ExperimentID, _ query: TrialQuery) async throws -> [Trial] {
            await store.trials(of: experiment, query)
        }
        func watch(_ scope: WatchScope) -> AsyncStream<StoreEvent> { store.watch(scope) }
    }

    private let bench = Bench()
    private let clock = ManualClock()

    private func at(_ seconds: Double) -> ManualClock.Instant { .init(offset: .seconds(seconds)) }

    /// One trial that can be claimed.
    private func prepareTrial(
        _ id: String = "es0000001",
        _ change: (inout ExperimentDefinition) -> Void
    ) async throws -> ExperimentID {
        let id = try await bench.create(Limits(maxTrials: 1), id: id, change)
        let lead = try #require(await bench.store.takeLead(of: id, as: "test", lease: .seconds(600)))
        _ = try await bench.store.change(.begin, lead: lead)
        _ = try await bench.store.reserveTrials(1, lead: lead)
        try await bench.store.insertTrials([try TrialStoreConformance.trial(1, of: id)])
        return id
    }

    private func withWorker(
        _ executor: any TrialExecutor,
        _ store: any WorkerStore,
        _ body: @Sendable (WorkerRuntime<ManualClock>) async throws -> Void
    ) async throws {
        let worker = WorkerRuntime(
            store: store,
            executor: executor,
            worker: Worker(id: WorkerID("node:1:a"), host: "node", processID: 1, slots: 1, version: "test"),
            options: WorkerOptions(slots: 1, spoolDirectory: "/tmp"),
            settings: bench.settings,
            clock: clock,
            logger: bench.logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            // Whatever becomes of the body, the worker leaves.
            let result: Result<Void, any Error>
            do { result = .success(try await body(worker)) } catch { result = .failure(error) }
            await worker.stop()
            try await group.waitForAll()
            try result.get()
        }
    }

    /// Runs until it is told to stop at once, and notes what it was told.
    private func recorder(
        _ requests: AsyncStream<StopRequest>.Continuation,
        begun: AsyncStream<Void>.Continuation? = nil
    ) -> ScriptedExecutor {
        ScriptedExecutor { _, control, _ in
            let (stops, continuation) = AsyncStream.makeStream(of: StopRequest.self)
            control.onStop { continuation.yield($0) }
            begun?.yield()
            for await stop in stops {
                requests.yield(stop)
                if stop.isImmediate { return .stopped(stop.reason, AttemptOutcome(cause: stop.reason.cause)) }
            }
            return .finished(AttemptOutcome(cause: .failed))
        }
    }

    private func expect(_ request: StopRequest?, isImmediate: Bool) throws {
        let request = try #require(request)
        #expect(request.reason == .leaseLost && request.isImmediate == isImmediate)
    }

    @Test("an exclusive trial gets SIGTERM, then SIGKILL, before its lease ends, and reports nothing")
    func exclusive() async throws {
        let id = try await prepareTrial { $0.isExclusive = true }
        let (requests, continuation) = AsyncStream.makeStream(of: StopRequest.self)
        try await withWorker(recorder(continuation), CutOffStore(bench.store)) { [clock] _ in
            var seen = requests.makeAsyncIterator()
            // It looks twenty times in a lease.
            await clock.waitForSleeper(until: self.at(1.5))
            clock.advance(to: self.at(19.5))
            try expect(await seen.next(), isImmediate: false)
            await clock.waitForSleeper(until: self.at(21))
            clock.advance(to: self.at(27))
            try expect(await seen.next(), isImmediate: true)
        }
        let trial = try #require(await bench.store.trials(of: id, .all).first)
        #expect(trial.state == .running && trial.attempt == 1)
    }

    @Test("another trial is asked to end when the store was away for as long as its experiment allows")
    func outage() async throws {
        let id = try await prepareTrial { $0.storeOutageLimitSeconds = 9 }
        let (requests, continuation) = AsyncStream.makeStream(of: StopRequest.self)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        try await withWorker(recorder(continuation, begun: begin), CutOffStore(bench.store)) { [clock] _ in
            var seen = requests.makeAsyncIterator()
            // The outage is counted from the claim, so that has to come first.
            var beginnings = begun.makeAsyncIterator()
            await beginnings.next()
            await clock.waitForSleeper(until: self.at(10))
            clock.advance(to: self.at(10))
            try expect(await seen.next(), isImmediate: false)
        }
        // Nothing was reported: its lease runs out.
        #expect(await bench.store.trials(of: id, .all).first?.state == .running)
    }

    @Test("an exclusive trial whose claim was answered late is given back without having begun")
    func lateClaim() async throws {
        let id = try await prepareTrial { $0.isExclusive = true }
        let store = CutOffStore(bench.store) { [clock] in clock.advance(to: self.at(19.5)) }
        let begun = ScriptedExecutor { request, control, sink in
            // As an executor does with what is stopped before it started.
            if let stop = control.stopRequest { return .stopped(stop.reason, AttemptOutcome(cause: stop.reason.cause)) }
            return await ScriptedExecutor.succeeding.run(request, control: control, sink: sink)
        }
        try await withWorker(begun, store) { [bench] _ in await bench.wait(id) { $0.first?.state == .done } }
        let trial = try #require(await bench.store.trials(of: id, .all).first)
        #expect(trial.attempts.map { $0.outcome?.cause } == [.drained, .succeeded])
        #expect(trial.charges.isEmpty)
    }

    @Test("what the guard killed at the end of its lease is lost, not failed; another signal is the trial's own")
    func killedByGuard() async throws {
        for (signal, state) in [(9, TrialState.running), (11, .failed)] as [(Int32, TrialState)] {
            let id = try await prepareTrial("es000000\(signal % 10)") { $0.isExclusive = true }
            let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
            let executor = ScriptedExecutor { [clock] _, _, _ in
                // The worker was stopped meanwhile, and nothing of it saw the time pass.
                clock.advance(to: clock.now.advanced(by: .seconds(27)))
                continuation.yield()
                return .finished(AttemptOutcome(cause: .failed, signal: signal))
            }
            try await withWorker(executor, CutOffStore(bench.store)) { [bench] _ in
                for await _ in ends { break }
                if state == .failed { await bench.wait(id) { $0.first?.state == .failed } }
            }
            #expect(await bench.store.trials(of: id, .all).first?.state == state)
        }
    }

    @Test("a worker without a guard leaves exclusive experiments to others, and takes the rest")
    func unguarded() async throws {
        struct Unguarded: TrialExecutor {
            let enforcesLeaseEnds = false
            func run(_ request: AttemptRequest, control: AttemptControl, sink: any AttemptSink) async -> AttemptResult {
                await ScriptedExecutor.succeeding.run(request, control: control, sink: sink)
            }
        }
        let exclusive = try await prepareTrial("es0000001") { $0.isExclusive = true }
        let usual = try await prepareTrial("es0000002") { $0.priority = -1 }
        try await withWorker(Unguarded(), CutOffStore(bench.store)) { [bench] _ in
            await bench.wait(usual) { $0.first?.state == .done }
        }
        #expect(await bench.store.trials(of: exclusive, .all).first?.state == .new)
    }
}
