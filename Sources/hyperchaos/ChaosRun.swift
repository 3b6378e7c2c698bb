import Chaos
import CommandLineSupport
import Coordination
import ExperimentModel
import Foundation
import Logging
import StoreOptions
import TuningTestKit

/// One run: everything is started, broken for a while, healed, and judged.
struct ChaosRun: Sendable {
    let seed: UInt64
    let duration: Duration
    let leastTrials: Int
    let isReplicaSet: Bool
    let places: Places

    /// What came of it.
    struct Result: Sendable {
        var verdict: ChaosVerdict
        var faults: [Fault: Int]
        /// From the first fault to the end of the last experiment.
        var seconds: Double
        /// From the last healing to the end of the last experiment.
        var settlingSeconds: Double
    }

    static let database = "chaos"
    static let servers = 2
    static let workers = 4
    static let slots = 3
    /// Short, so that many leases run out.
    static let leaseSeconds = 5
    /// How long the experiments may take to end once everything is healed.
    static let settleTimeout: Duration = .seconds(240)
    /// Of a server without change events, how many of the latest experiments are looked at.
    static let polledExperiments = 10
    static let progressInterval: Duration = .seconds(15)

    func perform() async throws -> Result {
        let set = try await ScratchReplicaSet.start(in: places.scratch, isReplicaSet: isReplicaSet)
        do {
            let result = try await perform(on: set)
            await set.end()
            return result
        } catch {
            await set.end()
            throw error
        }
    }

    private func perform(on set: ScratchReplicaSet) async throws -> Result {
        let opened = try await Self.open(set.uri)
        let fleet = Fleet(places: places, leaseSeconds: Self.leaseSeconds)
        do {
            let result = try await perform(set, opened.store, fleet)
            await opened.close()
            return result
        } catch {
            await fleet.killAll()
            await opened.close()
            throw error
        }
    }

    /// A connection of our own to the store.
    static func open(_ uri: String) async throws -> OpenedStore {
        try await OpenedStore.connect(
            uri: uri,
            database: database,
            busy: 4,
            embedded: nil,
            place: "the scratch deployment",
            pollInterval: .seconds(1),
            logger: .silent
        )
    }

    private func perform(_ set: ScratchReplicaSet, _ store: any TrialStore, _ fleet: Fleet) async throws -> Result {
        let clock = ContinuousClock()
        try Data().write(to: URL(filePath: places.journal))
        let plan = ExperimentPlan(seed: seed, trialProgram: places.trial, journal: places.journal)
        let feeder = ExperimentFeeder(store: store, plan: plan, directory: places.scratch)
        let driver = try FaultDriver(
            fleet: fleet,
            set: set,
            places: places,
            leaseSeconds: Double(Self.leaseSeconds)
        )
        let watch = AcceptanceWatch()
        for _ in 0..<Self.servers { try await fleet.addServer(uri: set.uri) }
        for _ in 0..<Self.workers { try await fleet.addWorker(uri: set.uri, slots: Self.slots) }

        let start = clock.now
        return try await withThrowingTaskGroup(of: Void.self) { background in
            defer { background.cancelAll() }
            background.addTask {
                if isReplicaSet {
                    await watch.run(store)
                } else {
                    await watch.poll(store) { feeder.created.suffix(Self.polledExperiments).map(\.id) }
                }
            }
            background.addTask { await fleet.supervise() }
            background.addTask { await reportProgress(feeder, driver, watch, since: start) }
            let faults = FaultPlan(seed: seed, faults: FaultDriver.faults(isReplicaSet: isReplicaSet))
            async let feeding: Void = feeder.run(for: duration, leastTrials: leastTrials)
            await driver.run(faults) { feeder.isOver }
            try await feeding
            let healed = clock.now
            Console.printError("everything is healed; waiting for the experiments to end")
            var misbehaviour = try await settle(feeder)
            let end = clock.now
            // What happens from now on was asked for.
            background.cancelAll()
            await fleet.leaveAll()
            misbehaviour += await fleet.misbehaviour + driver.misbehaviour
            var evidence = try await evidence(of: feeder.created, store)
            evidence.acceptances = watch.acceptances
            evidence.leftovers = await driver.leftovers + leftAtTheEnd()
            evidence.misbehaviour = misbehaviour
            try keepTrials(evidence)
            return Result(
                verdict: ChaosChecker.check(evidence),
                faults: await driver.counts,
                seconds: (end - start).inSeconds,
                settlingSeconds: (end - healed).inSeconds
            )
        }
    }

    /// Waits until every experiment has ended. - Returns: a complaint when one has not.
    private func settle(_ feeder: ExperimentFeeder) async throws -> [String] {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.settleTimeout
        while try await !feeder.unfinished().isEmpty {
            // The checker names the experiments.
            if clock.now > deadline { return ["not all experiments ended within \(Self.settleTimeout) after healing"] }
            try await clock.sleep(for: ExperimentFeeder.interval)
        }
        return []
    }

    private func leftAtTheEnd() -> [String] {
        let left = TrialProcesses.running(of: places.scratch)
        return left.isEmpty ? [] : ["after all workers had left: \(left.map { "\($0)" }.joined(separator: ", "))"]
    }

    private func evidence(
        of created: [(id: ExperimentID, kind: ExperimentPlan.Kind)],
        _ store: any TrialStore
    ) async throws -> ChaosEvidence {
        var records: [ChaosEvidence.Record] = []
        for (id, kind) in created {
            guard let experiment = try await Patient.call({ try await store.experiment(id) }) else {
                throw ProgramFailure(.failed, "Experiment \(id) was created and is not there any more.")
            }
            records.append(
                ChaosEvidence.Record(
                    experiment: experiment,
                    trials: try await Patient.call { try await store.trials(of: id, .all) },
                    events: try await Patient.call { try await store.events(of: id) },
                    isExclusive: kind == .exclusive
                )
            )
        }
        let text = String(decoding: try Data(contentsOf: URL(filePath: places.journal)), as: UTF8.self)
        return ChaosEvidence(records: records, journal: Journal(text: text))
    }

    /// Every trial as it was found, for whoever looks into a failure.
    private func keepTrials(_ evidence: ChaosEvidence) throws {
        let lines = evidence.records.flatMap { $0.trials.map { "\($0)\n" } }
        try lines.joined().write(toFile: places.scratch + "/trials.txt", atomically: true, encoding: .utf8)
    }

    private func reportProgress(
        _ feeder: ExperimentFeeder,
        _ driver: FaultDriver,
        _ watch: AcceptanceWatch,
        since start: ContinuousClock.Instant
    ) async {
        while true {
            do { try await ContinuousClock().sleep(for: Self.progressInterval) } catch { return }
            let seconds = Int((ContinuousClock().now - start).inSeconds)
            let faults = await driver.counts.values.reduce(0, +)
            Console.printError(
                "\(seconds) s: \(feeder.created.count) experiments, \(watch.acceptances.count) trials done, "
                    + "\(faults) faults, load " + String(format: "%.1f", Load.now)
            )
        }
    }
}
