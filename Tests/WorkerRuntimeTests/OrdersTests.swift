import Coordination
import Execution
import ExperimentModel
import MemoryTrialStore
import Synchronization
import Testing
import TuningTestKit

@testable import WorkerRuntime

@Suite("Worker runtime and what it is told", .timeLimit(.minutes(5)))
struct OrdersTests {
    private let bench = Bench()
    private let id = ExperimentID("es0000001")

    /// A worker of one slot beside `body`, which has `count` trials to claim and nobody who leads.
    private func working(
        _ executor: any TrialExecutor,
        trials count: Int = 1,
        lease: Duration = .seconds(600),
        hooks: @Sendable (inout HookedStore) -> Void = { _ in },
        _ body: @escaping @Sendable (Lead, WorkerRuntime<ContinuousClock>) async throws -> Void
    ) async throws {
        let lead = try await TrialStoreConformance.running(bench.store, trials: count)
        var store = HookedStore(store: bench.store)
        hooks(&store)
        var settings = bench.settings
        // Nothing but news makes this worker renew, unless the lease is short.
        settings.trialLease = lease
        let worker = WorkerRuntime(
            store: store,
            executor: executor,
            worker: Worker(id: WorkerID("node:1:a"), host: "node", processID: 1, slots: 1, version: "test"),
            options: WorkerOptions(slots: 1, spoolDirectory: "/tmp"),
            settings: settings,
            clock: ContinuousClock(),
            logger: bench.logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            do {
                try await body(lead, worker)
            } catch {
                await worker.stop()
                throw error
            }
            await worker.drain()
            try await group.waitForAll()
        }
    }

    private func trial(_ number: Int = 1) async throws -> Trial {
        try #require(await bench.store.trials(of: id, .number(number)).first)
    }

    /// Runs until it is told to stop, then ends with a value that it had before.
    private static func reporting() -> ScriptedExecutor {
        ScriptedExecutor { _, control, _ in
            let (requests, continuation) = AsyncStream.makeStream(of: StopRequest.self)
            control.onStop { continuation.yield($0) }
            for await request in requests {
                return .stopped(request.reason, AttemptOutcome(cause: request.reason.cause, value: 0.5))
            }
            return .finished(AttemptOutcome(cause: .failed))
        }
    }

    @Test(
        "an order takes effect as soon as it is given",
        arguments: [
            (TrialOrder.stop, TrialState.done, TrialCause.stoppedEarly), (.cancel, .cancelled, .cancelled),
        ]
    )
    func ordered(order: TrialOrder, state: TrialState, cause: TrialCause) async throws {
        let (bench, id) = (bench, id)
        try await working(Self.reporting()) { lead, _ in
            await bench.wait(id) { $0.contains { $0.state == .running } }
            try await bench.store.orderRunningTrials(order, of: lead)
            await bench.wait(id) { $0.contains { $0.state.isTerminal } }
        }
        let ended = try await trial()
        #expect(ended.state == state && ended.cause == cause)
        #expect(ended.value == (state == .done ? 0.5 : nil))
    }

    @Test("a drained trial goes back without charge and is run again, without the order")
    func drained() async throws {
        let (bench, id) = (bench, id)
        let executor = ScriptedExecutor { request, control, _ in
            if request.attempt == 2 { return .finished(AttemptOutcome(cause: .succeeded, value: 2)) }
            let (requests, continuation) = AsyncStream.makeStream(of: StopRequest.self)
            control.onStop { continuation.yield($0) }
            for await request in requests {
                return .stopped(request.reason, AttemptOutcome(cause: request.reason.cause))
            }
            return .finished(AttemptOutcome(cause: .failed))
        }
        try await working(executor) { lead, _ in
            await bench.wait(id) { $0.contains { $0.state == .running } }
            try await bench.store.orderRunningTrials(.drain, of: lead, only: [1: 1])
            await bench.wait(id) { $0.contains { $0.state == .done } }
        }
        let done = try await trial()
        #expect(done.attempts.map(\.outcome?.cause) == [.drained, .succeeded])
        #expect(done.charges.isEmpty && done.attempt == 2)
    }

    @Test("a time-out that a person changes reaches the attempt that runs: shorter, longer and none")
    func timeout() async throws {
        let (bench, id) = (bench, id)
        let (changes, change) = AsyncStream.makeStream(of: TimeoutChange.self)
        let executor = ScriptedExecutor { _, control, _ in
            let (requests, continuation) = AsyncStream.makeStream(of: StopRequest.self)
            control.onStop { continuation.yield($0) }
            control.onTimeoutChange { change.yield($0) }
            for await request in requests {
                return .stopped(request.reason, AttemptOutcome(cause: request.reason.cause))
            }
            return .finished(AttemptOutcome(cause: .failed))
        }
        try await working(executor) { lead, worker in
            await bench.wait(id) { $0.contains { $0.state == .running } }
            var old = lead.experiment.limits
            var heard = changes.makeAsyncIterator()
            for seconds in [60, 5, nil, 0] as [Double?] {
                var new = old
                new.trialTimeoutSeconds = seconds
                _ = try await bench.store.replaceLimits(of: id, from: old, to: new)
                old = new
                // No clock of an attempt takes less than a moment.
                let expected = AttemptTimes.timeout(seconds: seconds)
                #expect(await heard.next() == TimeoutChange(timeout: expected))
            }
            await worker.stop()
        }
    }

    @Test("a worker that is asked to leave goes: idle at once, busy when its trial has ended", arguments: [0, 1])
    func leave(trials count: Int) async throws {
        let (bench, id) = (bench, id)
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        let executor = ScriptedExecutor { _, _, _ in
            for await _ in gate {}
            return .finished(AttemptOutcome(cause: .succeeded, value: 1))
        }
        let lead = try await TrialStoreConformance.running(bench.store, trials: count)
        var settings = bench.settings
        settings.trialLease = .seconds(600)
        let worker = WorkerRuntime(
            store: bench.store,
            executor: executor,
            worker: Worker(id: WorkerID("node:1:a"), host: "node", processID: 1, slots: 1, version: "test"),
            options: WorkerOptions(slots: 1, spoolDirectory: "/tmp"),
            settings: settings,
            clock: ContinuousClock(),
            logger: bench.logger
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            await bench.waitForWorkers { !$0.isEmpty }
            if count > 0 { await bench.wait(id) { $0.contains { $0.state == .running } } }
            let asked = await bench.store.askToLeave(worker.worker.id)
            #expect(asked?.isLeaving == true)
            if count > 0 {
                await bench.waitForWorkers { $0.contains { $0.isDraining } }
                _ = try? await bench.store.reserveTrials(1, lead: lead)
                _ = try? await bench.store.insertTrials([TrialStoreConformance.trial(count + 1, of: id)])
                opening.finish()
            }
            await group.waitForAll()
        }
        #expect(await bench.store.knownWorkers().isEmpty)
        let states = await bench.store.trials(of: id, .all).map(\.state)
        #expect(states == (count == 0 ? [] : [.done, .new]))
    }

    @Test("a renewal whose answer is lost is made again, and its order is obeyed")
    func lostAnswer() async throws {
        let (bench, id) = (bench, id)
        let count = Mutex(0)
        try await working(
            Self.reporting(),
            hooks: { store in
                store.renewed = { held in
                    guard held.contains(where: { $0.order == .cancel }) else { return }
                    let number = count.withLock { count in
                        count += 1
                        return count
                    }
                    if number <= 2 { throw TrialStoreError.unavailable("the answer was lost") }
                }
            },
            { lead, _ in
                await bench.wait(id) { $0.contains { $0.state == .running } }
                try await bench.store.orderRunningTrials(.cancel, of: lead)
                await bench.wait(id) { $0.contains { $0.state.isTerminal } }
            }
        )
        #expect(try await trial().state == .cancelled)
        #expect(count.withLock { $0 } >= 3)
    }

    @Test("an order for a trial whose claim's reply was lost: it is given back, and ends as the order says")
    func lostClaim() async throws {
        let (bench, id) = (bench, id)
        let isLost = Mutex(false)
        let (losses, loss) = AsyncStream.makeStream(of: Void.self)
        var store = HookedStore(store: bench.store)
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        store.claimLost = { _ in
            let isFirst = isLost.withLock { isLost in
                defer { isLost = true }
                return !isLost
            }
            guard isFirst else { return false }
            loss.yield()
            for await _ in gate {}
            return true
        }
        let lead = try await TrialStoreConformance.running(bench.store, trials: 1)
        let executor = ScriptedExecutor.succeeding
        let worker = WorkerRuntime(
            store: store,
            executor: executor,
            worker: Worker(id: WorkerID("node:1:a"), host: "node", processID: 1, slots: 1, version: "test"),
            options: WorkerOptions(slots: 1, spoolDirectory: "/tmp"),
            settings: bench.settings,
            clock: ContinuousClock(),
            logger: bench.logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            for await _ in losses { break }
            try await bench.store.orderRunningTrials(.cancel, of: lead)
            opening.finish()
            await bench.wait(id) { $0.contains { $0.state.isTerminal } }
            await worker.drain()
            try await group.waitForAll()
        }
        let ended = try await trial()
        #expect(ended.state == .cancelled && ended.attempts.map(\.outcome?.cause) == [.drained])
    }
}

extension Bench {
    /// Waits until an event makes `condition` true of the workers that the store knows.
    func waitForWorkers(until condition: @escaping @Sendable ([Worker]) -> Bool) async {
        for await _ in store.watch(.everything) {
            if condition(await store.knownWorkers()) { return }
        }
    }
}
