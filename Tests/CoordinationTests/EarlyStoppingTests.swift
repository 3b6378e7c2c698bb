import EarlyTermination
import ExperimentModel
import Logging
import MemoryTrialStore
import Synchronization
import Testing
import TuningTestKit

@testable import Coordination

@Suite("Stopping trials early", .timeLimit(.minutes(2)))
struct EarlyStoppingTests {
    private let id = Experiments.id
    private let worker = WorkerID("w")
    private let store = MemoryTrialStore { Experiments.now }

    /// Nothing happens by the passing of time: an interval is longer than any test.
    private static let newsOnly = CoordinationSettings(
        trialLease: .seconds(30),
        leadLease: .seconds(6),
        leaderInterval: .seconds(3600)
    )

    private func begin(_ policies: [PolicySpecification], trials: Int) async throws {
        var definition = Experiments.definition(try Experiments.line(), limits: Limits(maxTrials: trials))
        definition.earlyTermination = policies
        _ = try await store.createExperiment(definition, id: id)
        await store.register(Worker(id: worker, host: "h", processID: 1, slots: trials, version: "1"))
    }

    /// Leads while `body` runs; a cancelled server gives its lead up.
    private func leading(_ name: String, _ body: @escaping @Sendable () async throws -> Void) async throws {
        let service = LeaderService(
            store: store,
            scope: .all,
            leader: name,
            settings: Self.newsOnly,
            clock: ContinuousClock(),
            logger: .silent
        )
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await service.run()
                return false
            }
            group.addTask {
                try await body()
                return true
            }
            defer { group.cancelAll() }
            while let isBodyDone = try await group.next(), !isBodyDone {}
        }
    }

    private func claim(_ count: Int) async throws {
        var claimed = 0
        for await _ in store.watch(.everything) {
            while claimed < count,
                await store.claimTrial(of: id, by: worker, host: "h", lease: .seconds(600)) != nil
            {
                claimed += 1
            }
            if claimed == count { return }
        }
    }

    /// The trials as soon as these have been told to stop; the suite's time limit bounds the wait.
    private func waitForStops(_ numbers: [Int]) async throws -> [Trial] {
        for await _ in store.watch(.everything) {
            let trials = await store.trials(of: id, .all)
            if trials.filter({ $0.earlyStop != nil }).map(\.id.number) == numbers { return trials }
        }
        throw CancellationError()
    }

    private func report(_ trial: Int, _ interval: Int, _ value: Double) async {
        await store.record([
            Observation(
                trial: TrialID(experiment: id, number: trial),
                attempt: 1,
                sequence: interval - 1,
                metric: "loss",
                step: Int64(interval),
                value: value,
                interval: interval
            )
        ])
    }

    @Test("one report is enough to stop a trial: no interval passes")
    func atOnce() async throws {
        try await begin([PolicySpecification(.bandit(.amount(0.2)))], trials: 3)
        try await leading("first") {
            try await claim(3)
            await report(1, 1, 0.5)
            await report(2, 1, 0.6)
            await report(3, 1, 0.9)
            let trials = try await waitForStops([3])
            #expect(trials.map(\.order) == [nil, nil, .stop])
            let stop = try #require(trials[2].earlyStop)
            #expect(stop.attempt == 1 && stop.interval == 1 && stop.policy == .bandit && stop.value == 0.9)
            #expect(stop.decidedAt == Experiments.now)
            let outcome = AttemptOutcome(cause: .stoppedEarly, value: 0.9)
            #expect(await store.finish(trials[2], with: outcome, retries: RetryLimits()) == .accepted(.done))
        }
        let ended = try #require(await store.trials(of: id, .number(3)).first)
        #expect(ended.stoppedAt == 1)
        #expect(ended.value == 0.9)
    }

    @Test("a successor goes by what was reported before it, also while nobody led, and repeats no decision")
    func takeover() async throws {
        let policies = [PolicySpecification(.medianStopping(PolicySpecification.MedianSettings()), delayEvaluation: 2)]
        try await begin(policies, trials: 4)
        try await leading("first") {
            try await claim(4)
            for trial in 1...3 { await report(trial, 1, Double(trial) / 10) }
            await report(1, 2, 0.1)
            await report(3, 2, 0.3)
            _ = try await waitForStops([3])
        }
        await report(2, 2, 0.2)
        await report(4, 1, 0.9)
        await report(4, 2, 0.9)
        let before = await store.trials(of: id, .number(3))
        try await leading("second") {
            _ = try await waitForStops([3, 4])
            #expect(await store.trials(of: id, .number(3)) == before)
        }
        let reports = await store.objectiveReports(of: id, after: .start, limit: 100)
        var judge = StoppingJudge(policies, objective: Experiments.minimize)
        var decisions: [Int: EarlyStop] = [:]
        for report in reports { for (trial, stop) in judge.take(report) { decisions[trial] = stop } }
        for trial in await store.trials(of: id, .all) {
            var stop = trial.earlyStop
            stop?.decidedAt = nil
            #expect(stop == decisions[trial.id.number])
        }
    }

    @Test("thousands of reports push no other event out of a mailbox")
    func crowd() {
        let mailbox = EventMailbox()
        let report = ObjectiveReport(trial: 1, attempt: 1, interval: 1, value: 1, position: .start)
        mailbox.send(.workers)
        for _ in 0..<(EventMailbox.capacity + 10) { mailbox.send(.report(id, report)) }
        mailbox.send(.experiment(id))
        let events = mailbox.takeAll()
        #expect(Array(events.prefix(2)) == [.workers, .experiment(id)])
        #expect(events.count == EventMailbox.capacity + 2)
        #expect(mailbox.takeAll().isEmpty)
    }
}
