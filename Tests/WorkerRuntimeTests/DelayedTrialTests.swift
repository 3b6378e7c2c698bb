import Coordination
import Execution
import ExperimentModel
import MemoryTrialStore
import Synchronization
import Testing
import TuningTestKit

@testable import WorkerRuntime

@Suite("Worker runtime: trials that wait, and machines in trouble", .timeLimit(.minutes(3)))
struct DelayedTrialTests {
    /// A store and a worker whose times a test moves.
    private final class Stage: Sendable {
        static let begin = Timestamp(milliseconds: 1_700_000_000_000)

        let store: MemoryTrialStore
        let clock = ManualClock()
        private let time: StoreTime

        init() {
            let time = StoreTime()
            self.time = time
            store = MemoryTrialStore { time.now }
        }

        /// Moves both clocks.
        func advance(to offset: Duration) {
            time.set(Self.begin + offset)
            clock.advance(to: ManualClock.Instant(offset: offset))
        }

        func worker(_ executor: any TrialExecutor, _ name: String = "a", slots: Int = 1) -> WorkerRuntime<ManualClock> {
            let bench = Bench()
            return WorkerRuntime(
                store: store,
                executor: executor,
                worker: Worker(
                    id: WorkerID("node:1:\(name)"),
                    host: "node",
                    processID: 1,
                    slots: slots,
                    version: "test"
                ),
                options: WorkerOptions(slots: slots, spoolDirectory: "/tmp"),
                // No look falls into the times of these tests.
                settings: CoordinationSettings(pollInterval: .seconds(1000)),
                clock: clock,
                logger: bench.logger
            )
        }

        /// An experiment with trials that can be claimed.
        func prepare(trials: Int = 1, retries: RetryLimits) async throws -> ExperimentID {
            var definition = try TrialStoreConformance.definition()
            definition.retries = retries
            let id = ExperimentID("es0000001")
            _ = try await store.createExperiment(definition, id: id)
            let lead = try #require(await store.takeLead(of: id, as: "test", lease: .seconds(600)))
            _ = try await store.change(.begin, lead: lead)
            _ = try await store.reserveTrials(trials, lead: lead)
            try await store.insertTrials(try (1...trials).map { try TrialStoreConformance.trial($0, of: id) })
            return id
        }

        /// Waits until the first trial is as it should be.
        func wait(_ id: ExperimentID, until condition: @escaping @Sendable (Trial) -> Bool) async {
            for await _ in store.watch(.everything) {
                if let trial = await store.trials(of: id, .all).first, condition(trial) { return }
            }
        }
    }

    private final class StoreTime: Sendable {
        private let moment = Mutex(Stage.begin)

        var now: Timestamp { moment.withLock { $0 } }
        func set(_ new: Timestamp) { moment.withLock { $0 = new } }
    }

    @Test("an idle worker sleeps until the repeat is due, and then runs it")
    func wakesInTime() async throws {
        let stage = Stage()
        let id = try await stage.prepare(retries: RetryLimits(charges: [.failed: 2], firstDelaySeconds: 7))
        let executor = ScriptedExecutor { request, _, _ in
            .finished(AttemptOutcome(cause: request.attempt < 3 ? .failed : .succeeded, value: 1))
        }
        try await Bench().withWorkers([stage.worker(executor)]) {
            for (attempt, due) in [(1, Duration.seconds(7)), (2, .seconds(21))] {
                await stage.clock.waitForSleeper(until: ManualClock.Instant(offset: due))
                #expect(executor.begun.count == attempt)
                let waiting = try #require(await stage.store.trials(of: id, .all).first)
                #expect(waiting.state == .new && waiting.notBefore == Stage.begin + due)
                stage.advance(to: due)
            }
            await stage.wait(id) { $0.state == .done }
        }
        let done = try #require(await stage.store.trials(of: id, .all).first)
        #expect(done.attempt == 3 && done.charges == [.failed: 2])
    }

    @Test("a worker that comes when a trial waits already sleeps until it is due as well")
    func comesLate() async throws {
        let stage = Stage()
        let retries = RetryLimits(charges: [.failed: 1], firstDelaySeconds: 9)
        let id = try await stage.prepare(retries: retries)
        let claimed = try #require(
            await stage.store.claimTrial(of: id, by: WorkerID("w"), host: "h", lease: .seconds(60))
        )
        _ = await stage.store.finish(claimed, with: AttemptOutcome(cause: .failed), retries: retries)
        stage.advance(to: .seconds(4))
        try await Bench().withWorkers([stage.worker(ScriptedExecutor.succeeding, slots: 3)]) {
            await stage.clock.waitForSleeper(until: ManualClock.Instant(offset: .seconds(9)))
            stage.advance(to: .seconds(9))
            await stage.wait(id) { $0.state == .done }
        }
    }

    @Test("a trial that a machine could not start is given back free of charge, and the slot rests longer each time")
    func rests() async throws {
        let stage = Stage()
        let id = try await stage.prepare(retries: RetryLimits())
        let executor = ScriptedExecutor { request, _, _ in
            if request.attempt == 4 { return .finished(AttemptOutcome(cause: .succeeded, value: 1)) }
            return .refused(AttemptOutcome(cause: .drained, message: "no space left"))
        }
        let worker = stage.worker(executor)
        try await Bench().withWorkers([worker]) {
            for (attempt, due) in [(1, Duration.seconds(1)), (2, .seconds(3)), (3, .seconds(7))] {
                await stage.clock.waitForSleeper(until: ManualClock.Instant(offset: due))
                #expect(executor.begun.count == attempt)
                stage.advance(to: due)
            }
            await stage.wait(id) { $0.state == .done }
        }
        let trial = try #require(await stage.store.trials(of: id, .all).first)
        #expect(
            trial.charges == [:] && trial.attempts.map(\.outcome?.cause) == [.drained, .drained, .drained, .succeeded]
        )
        #expect(trial.attempts.first?.outcome?.message == "no space left")
        // What went well begins anew.
        #expect(await worker.troubles.isEmpty)
    }

    @Test("while one worker's machine is in trouble another one takes the trial, and who rests can leave at once")
    func othersTakeIt() async throws {
        let stage = Stage()
        let id = try await stage.prepare(retries: RetryLimits())
        let troubled = ScriptedExecutor { _, _, _ in .refused(AttemptOutcome(cause: .drained, message: "no processes"))
        }
        let first = stage.worker(troubled, "a")
        try await Bench().withWorkers([first]) {
            await stage.clock.waitForSleeper(until: ManualClock.Instant(offset: .seconds(1)))
            try await Bench().withWorkers([stage.worker(ScriptedExecutor.succeeding, "b")]) {
                await stage.wait(id) { $0.state == .done }
            }
            #expect(troubled.begun.count == 1)
            // The slot still rests: leaving does not wait for it, whose clock stands.
        }
        let trial = try #require(await stage.store.trials(of: id, .all).first)
        #expect(trial.attempts.map(\.worker.rawValue) == ["node:1:a", "node:1:b"])
    }

    @Test("a worker whose task is cancelled while a slot rests ends")
    func cancelled() async throws {
        let stage = Stage()
        _ = try await stage.prepare(retries: RetryLimits())
        let executor = ScriptedExecutor { _, _, _ in .refused(AttemptOutcome(cause: .drained)) }
        let worker = stage.worker(executor)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            await stage.clock.waitForSleeper(until: ManualClock.Instant(offset: .seconds(1)))
            group.cancelAll()
            await group.waitForAll()
        }
        #expect(executor.begun.count == 1)
    }

    @Test("with a leader: every trial fails once and is repeated, others run meanwhile, and the end waits for all")
    func withLeader() async throws {
        let bench = Bench()
        let id = try await bench.create(Limits(maxTrials: 12, maxConcurrentTrials: 6)) { definition in
            definition.retries = RetryLimits(charges: [.failed: 1], firstDelaySeconds: 0.05)
        }
        let store = bench.store
        let executor = ScriptedExecutor { request, _, _ in
            let open = await store.trials(of: request.trial.experiment, .open())
            if request.attempt == 1 { return .finished(AttemptOutcome(cause: .failed)) }
            return .finished(AttemptOutcome(cause: .succeeded, value: Double(open.count)))
        }
        try await bench.withWorkers([bench.worker(executor, slots: 2)]) { try await bench.leader(id).run() }
        let experiment = try #require(await store.experiment(id))
        #expect(experiment.ending?.reason == .maxTrials)
        let trials = await store.trials(of: id, .all)
        #expect(trials.map(\.id.number) == Array(1...12))
        #expect(trials.allSatisfy { $0.state == .done && $0.attempt == 2 && $0.charges == [.failed: 1] })
        #expect(trials.compactMap(\.value).allSatisfy { $0 <= 6 })
        for trial in trials {
            let ended = try #require(trial.attempts.first?.endedAt)
            let again = try #require(trial.attempts.last?.claimedAt)
            #expect(again >= ended + .milliseconds(50))
        }
    }

    @Test("with a leader: a cancel ends trials that wait at once")
    func cancelWaiting() async throws {
        let bench = Bench()
        let id = try await bench.create(Limits(maxTrials: 2)) { definition in
            definition.retries = RetryLimits(charges: [.failed: 1], firstDelaySeconds: 300)
        }
        let executor = ScriptedExecutor { _, _, _ in .finished(AttemptOutcome(cause: .failed)) }
        try await bench.withWorkers([bench.worker(executor)]) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await bench.leader(id).run() }
                await bench.wait(id) { trials in trials.count == 2 && trials.allSatisfy { $0.notBefore != nil } }
                #expect(await bench.store.experiment(id)?.ending == nil)
                _ = await bench.store.requestEnd(of: id, ExperimentEnding(state: .cancelled, reason: .user))
                try await group.waitForAll()
            }
        }
        #expect(await bench.store.trialCounts(of: id) == [.cancelled: 2])
    }
}
