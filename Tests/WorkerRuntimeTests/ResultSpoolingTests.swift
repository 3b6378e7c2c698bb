import Coordination
import Execution
import ExperimentModel
import Foundation
import Logging
import MemoryTrialStore
import ResultSpool
import Synchronization
import Testing
import TuningTestKit

@testable import WorkerRuntime

@Suite("Worker runtime: results while the store is away", .timeLimit(.minutes(3)))
struct ResultSpoolingTests {
    private let bench = Bench()
    private let place: WorkPlace

    init() throws { place = try WorkPlace() }

    private var waiting: [String] { SpoolOverview(of: place.path).entries.map(\.name) }

    /// Trials that can be claimed.
    private func prepare(_ count: Int) async throws -> (id: ExperimentID, lead: Lead) {
        let id = try await bench.create(Limits(maxTrials: count))
        var lead = try #require(await bench.store.takeLead(of: id, as: "test", lease: .seconds(600)))
        lead.experiment = try await bench.store.change(.begin, lead: lead)
        _ = try await bench.store.reserveTrials(count, lead: lead)
        try await bench.store.insertTrials(try (1...count).map { try TrialStoreConformance.trial($0, of: id) })
        return (id, lead)
    }

    private static func observation(_ request: AttemptRequest, _ sequence: Int) -> Observation {
        Observation(
            trial: request.trial,
            attempt: request.attempt,
            sequence: sequence,
            metric: "loss",
            step: Int64(sequence),
            value: 0.5
        )
    }

    /// Reports twice, prints a line, and succeeds.
    private static let talkative = ScriptedExecutor { request, _, sink in
        sink.observations([observation(request, 0), observation(request, 1)])
        sink.log(
            LogChunk(trial: request.trial, attempt: request.attempt, stream: .stdout, sequence: 0, bytes: [104, 105])
        )
        return .finished(AttemptOutcome(cause: .succeeded, value: 0.5, exitStatus: 0))
    }

    private func trial(_ id: ExperimentID, _ number: Int = 1) async throws -> Trial {
        try #require(await bench.store.trials(of: id, .number(number)).first)
    }

    @Test("a result that waits is on disk, counts once when the store is back, and is on disk no more")
    func outage() async throws {
        let (id, _) = try await prepare(1)
        let away = StoreSwitch()
        let path = place.path
        let seen = Mutex<[[String]]>([])
        var store = HookedStore(store: bench.store)
        store.before = { try away.check() }
        store.finishing = {
            // By the second try what the first left is on the disk.
            let count = away.count()
            seen.withLock { $0.append(SpoolOverview(of: path).entries.map(\.name)) }
            if count < 3 { throw TrialStoreError.unavailable("not yet") }
        }
        let bench = bench
        try await bench.withWorkers([bench.worker(Self.talkative, slots: 1, results: path, store: store)]) {
            await bench.wait(id) { $0.allSatisfy { $0.state == .done } }
        }
        #expect(seen.withLock { $0 }.dropFirst() == [["1-a/es0000001-1-1.json"], ["1-a/es0000001-1-1.json"]])
        #expect(try await trial(id).attempts.map(\.outcome?.cause) == [.succeeded])
        #expect(waiting.isEmpty)
    }

    @Test("a result whose answer is lost counts once")
    func lostReply() async throws {
        let (id, _) = try await prepare(1)
        let away = StoreSwitch()
        var store = HookedStore(store: bench.store)
        store.finished = { if away.count() == 1 { throw TrialStoreError.unavailable("the answer was lost") } }
        let bench = bench
        try await bench.withWorkers([bench.worker(Self.talkative, slots: 1, results: place.path, store: store)]) {
            await bench.wait(id) { $0.allSatisfy { $0.state == .done } }
        }
        let trial = try await trial(id)
        #expect(trial.state == .done && trial.attempts.count == 1)
        #expect(waiting.isEmpty)
    }

    @Test("told to stop while the store is away, a worker leaves its result, which the next delivers in its name")
    func stopped() async throws {
        let (id, _) = try await prepare(1)
        let away = StoreSwitch()
        let clock = ManualClock()
        let (tries, tried) = AsyncStream.makeStream(of: Void.self)
        var store = HookedStore(store: bench.store)
        store.before = { try away.check() }
        store.finishing = {
            tried.yield()
            away.set(away: true)
            try away.check()
        }
        store.recording = { _ in throw TrialStoreError.unavailable("reports wait, too") }
        let worker = WorkerRuntime(
            store: store,
            executor: Self.talkative,
            worker: Worker(id: WorkerID("node:1:a"), host: "node", processID: 1, slots: 1, version: "test"),
            options: WorkerOptions(slots: 1, spoolDirectory: "/tmp", resultDirectory: place.path),
            settings: bench.settings,
            clock: clock,
            logger: bench.logger
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            for await _ in tries { break }
            let told = ManualClock.Instant().advanced(by: .milliseconds(1))
            clock.advance(to: told)
            await worker.stop()
            let end = told.advanced(by: WorkerRuntime<ManualClock>.farewellTimeout)
            await clock.waitForSleeper(until: end)
            clock.advance(to: end)
            await group.waitForAll()
        }
        #expect(waiting == ["1-a/es0000001-1-1.json"])
        #expect(try await trial(id).state == .running)
        let bench = bench
        let next = bench.worker(Self.talkative, slots: 1, name: "b", results: place.path)
        try await bench.withWorkers([next]) {
            await bench.wait(id) { $0.allSatisfy { $0.state == .done } }
        }
        let trial = try await trial(id)
        #expect(trial.value == 0.5 && trial.attempts.map(\.worker.rawValue) == ["node:1:a"])
        #expect(await bench.store.observations(of: trial.id).map(\.sequence) == [0, 1])
        #expect(waiting.isEmpty)
    }

    @Test(
        "a disk that is full delays nothing, and a result that neither store nor disk take is given up only at the end"
    )
    func fullDisk() async throws {
        let (id, _) = try await prepare(1)
        let away = StoreSwitch()
        // A file where the directory should be: nothing can be written.
        #expect(FileManager.default.createFile(atPath: place.path + "/spool", contents: nil))
        var store = HookedStore(store: bench.store)
        store.finishing = { if away.count() < 3 { throw TrialStoreError.unavailable("not yet") } }
        let bench = bench
        try await bench.withWorkers([bench.worker(Self.talkative, slots: 1, results: place.path, store: store)]) {
            await bench.wait(id) { $0.allSatisfy { $0.state == .done } }
        }
        #expect(away.count() == 4)
    }

    @Test("a result that the store refuses stays on disk, its trial is not given back, and the slot goes on")
    func refused() async throws {
        let (id, _) = try await prepare(2)
        let refusals = StoreSwitch()
        var store = HookedStore(store: bench.store)
        // Until it is told otherwise: the worker tries again by itself, too.
        refusals.set(away: true)
        store.refusing = { trial in
            guard trial.number == 1 else { return }
            do { try refusals.check() } catch { throw TrialStoreError.rejected("a test says no") }
        }
        let bench = bench
        let worker = bench.worker(Self.talkative, slots: 1, results: place.path, store: store)
        let path = place.path
        try await bench.withWorkers([worker]) {
            await bench.wait(id) { $0.contains { $0.id.number == 2 && $0.state == .done } }
            // Twice, since only what two answers name is given back.
            for _ in 0..<3 { try await worker.renew() }
            let held = await bench.store.trials(of: id, .number(1)).first
            #expect(held?.state == .running && held?.attempt == 1)
            #expect(SpoolOverview(of: path).entries.map(\.name).contains("1-a/es0000001-1-1.json"))
            refusals.set(away: false)
            if let results = worker.results { await worker.replayParked(results) }
            await bench.wait(id) { $0.allSatisfy { $0.state == .done } }
        }
        #expect(waiting.isEmpty)
    }

    @Test("of what others left, only what still counts is stored; what is unreadable, newer or of another store stays")
    func replay() async throws {
        let (id, lead) = try await prepare(2)
        let dead = WorkerID("node:7:dd")
        func claim(_ lease: Duration) async throws -> Trial {
            try #require(await bench.store.claimTrial(of: id, by: dead, host: "node", lease: lease))
        }
        let late = try await claim(.zero)
        _ = try await bench.store.expireLeases(of: lead, retries: RetryLimits())
        // The first again, by another worker, which goes on with it.
        _ = await bench.store.claimTrial(of: id, by: WorkerID("node:8:ee"), host: "node", lease: .seconds(600))
        let good = try await claim(.seconds(600))
        do {
            let spool = ResultSpool(workDirectory: place.path, worker: dead, logger: bench.logger)
            for trial in [late, good, try TrialStoreConformance.trial(9, of: ExperimentID("es9999999"))] {
                let outcome = AttemptOutcome(cause: .succeeded, value: 0.25)
                let result = SpooledResult(
                    trial: trial.id,
                    attempt: max(1, trial.attempt),
                    owner: dead,
                    outcome: outcome,
                    retries: RetryLimits()
                )
                #expect(await spool.keep(result))
            }
        }
        let directory = place.path + "/spool/7-dd"
        for (name, text) in [("bad.json", "{"), ("new.json", #"{"version":99}"#)] {
            try text.write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8)
        }
        let worker = bench.worker(Self.talkative, slots: 1, results: place.path)
        let results = try #require(worker.results)
        for _ in 0..<2 { await worker.replayAbandoned(results) }
        #expect(try await trial(id, good.id.number).value == 0.25)
        let other = try await trial(id, late.id.number)
        #expect(other.state == .running && other.attempt == 2 && other.owner == WorkerID("node:8:ee"))
        let left = waiting.map { String($0.split(separator: "/")[1]) }
        #expect(left == ["bad.json.bad", "es9999999-9-1.json", "new.json"])
    }

    @Test("with a store that is away, what others left is left alone")
    func replayWhileAway() async throws {
        let (id, _) = try await prepare(1)
        let dead = WorkerID("node:7:dd")
        let claimed = try #require(
            await bench.store.claimTrial(of: id, by: dead, host: "node", lease: .seconds(600))
        )
        do {
            let spool = ResultSpool(workDirectory: place.path, worker: dead, logger: bench.logger)
            let result = SpooledResult(
                trial: claimed.id,
                attempt: 1,
                owner: dead,
                outcome: AttemptOutcome(cause: .succeeded, value: 1),
                retries: RetryLimits()
            )
            #expect(await spool.keep(result))
        }
        var store = HookedStore(store: bench.store)
        store.before = { throw TrialStoreError.unavailable("away") }
        let worker = bench.worker(Self.talkative, slots: 1, results: place.path, store: store)
        await worker.replayAbandoned(try #require(worker.results))
        #expect(waiting == ["7-dd/es0000001-1-1.json"])
    }
}
