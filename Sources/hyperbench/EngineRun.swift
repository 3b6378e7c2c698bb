import CommandLineSupport
import Coordination
import Execution
import ExperimentModel
import Foundation
import Logging
import OrderedCollections
import SearchSpace
import StoreOptions
import TuningTestKit
import WorkerRuntime

/// One experiment from its first claim to its last result, by a server and a worker as the programs wire them.
///
/// Both live in this process, each with a connection of its own; the clock is the database's.
struct EngineRun: Sendable {
    let uri: String
    let slots: Int
    let command: Command
    let end: End
    let executor: any TrialExecutor
    let directory: String
    /// Not needed where only stores and worker are used.
    let meter: ServerMeter?
    let logger: Logger
    /// Policies that look at what the trials report.
    var earlyTermination: [PolicySpecification] = []

    /// How every trial has to end, or the measurement means nothing.
    enum End: Sendable, Equatable {
        case done
        case failed(TrialCause)
    }

    /// A run that takes longer than this has gone wrong.
    static let timeout: Duration = .seconds(120)
    /// Calls that a leader has under way at once.
    static let busyOfServer = 4

    func measure(trials: Int) async throws -> Sample {
        try await withStores { server, worker in try await measure(trials, server, worker) }
    }

    /// A fresh database with a connection for the server and one for the worker, closed after `body`.
    func withStores<R>(_ body: (_ server: OpenedStore, _ worker: OpenedStore) async throws -> R) async throws -> R {
        let database = ScratchMongod.freshDatabase()
        let server = try await open(database, busy: Self.busyOfServer)
        do {
            let worker = try await open(database, busy: slots)
            do {
                let result = try await body(server, worker)
                await worker.close()
                await server.close()
                return result
            } catch {
                await worker.close()
                throw error
            }
        } catch {
            await server.close()
            throw error
        }
    }

    /// A worker as `hyperworker` wires it, and what the store is told of it.
    func makeWorker(_ opened: OpenedStore) -> (WorkerRuntime<ContinuousClock>, Worker) {
        var generator = SystemRandomNumberGenerator()
        let process = ProcessInfo.processInfo.processIdentifier
        let name = WorkerID(host: "bench", processID: process, using: &generator)
        let description = Worker(id: name, host: "bench", processID: process, slots: slots, version: Version.text)
        let runtime = WorkerRuntime(
            store: opened.store,
            executor: executor,
            worker: description,
            options: WorkerOptions(slots: slots, spoolDirectory: directory, resultDirectory: directory),
            settings: CoordinationSettings(),
            clock: ContinuousClock(),
            logger: logger
        )
        return (runtime, description)
    }

    private func open(_ database: String, busy: Int) async throws -> OpenedStore {
        try await OpenedStore.connect(
            uri: uri,
            database: database,
            busy: busy,
            embedded: nil,
            place: "the scratch server",
            pollInterval: .seconds(1),
            logger: logger
        )
    }

    func measure(_ trials: Int, _ server: OpenedStore, _ worker: OpenedStore) async throws -> Sample {
        guard let meter else { throw ProgramFailure(.internalError, "A measurement needs a meter.") }
        let before = try await meter.read()
        let id = try await lead(try definition(trials), server, worker)
        let cost = try await meter.cost(since: before)
        return try await sample(trials, of: id, server, cost)
    }

    /// Runs an experiment from its creation to its end.
    func lead(
        _ definition: ExperimentDefinition,
        _ server: OpenedStore,
        _ worker: OpenedStore
    ) async throws -> ExperimentID {
        var generator = SystemRandomNumberGenerator()
        let id = ExperimentID.random(using: &generator)
        let (runtime, description) = makeWorker(worker)
        let leader = LeaderService(
            store: server.store,
            scope: .only(id),
            leader: "bench:\(description.id.rawValue)",
            settings: CoordinationSettings(),
            clock: ContinuousClock(),
            logger: logger
        )
        _ = try await server.store.createExperiment(definition, id: id)
        // Known before the leader's first look: a leader without workers prepares one trial and waits an interval.
        try await worker.store.register(description)

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await runtime.run() }
            group.addTask {
                try await Task.sleep(for: Self.timeout)
                throw ProgramFailure(.internalError, "The trials did not end within \(Self.timeout).")
            }
            group.addTask {
                try await leader.run()
                await runtime.stop()
            }
            // The worker and the leader end, in any order; or one of the three throws.
            try await group.next()
            try await group.next()
            group.cancelAll()
        }
        return id
    }

    private func sample(
        _ trials: Int,
        of id: ExperimentID,
        _ server: OpenedStore,
        _ cost: Sample.Cost
    ) async throws -> Sample {
        let stored = try await server.store.trials(of: id, .all)
        let ended = stored.filter { trial in
            switch end {
            case .done: trial.state == .done
            case .failed(let cause): trial.state == .failed && trial.cause == cause
            }
        }
        guard ended.count == trials, let first = ended.compactMap({ $0.attempts.first?.claimedAt }).min(),
            let last = ended.compactMap(\.finishedAt).max()
        else {
            let causes = Set(stored.compactMap { $0.cause?.rawValue }).sorted().joined(separator: ", ")
            throw ProgramFailure(
                .internalError,
                "Of \(trials) trials \(ended.count) ended as they had to (causes: \(causes))."
            )
        }
        return Sample(trials: trials, seconds: (last - first).inSeconds, cost: cost)
    }

    func definition(_ trials: Int) throws -> ExperimentDefinition {
        ExperimentDefinition(
            name: "bench",
            command: command,
            searchSpace: try SearchSpace(root: [
                "x": .parameter(Parameter(label: "x", domain: .uniform(low: 0, high: 1))),
                "y": .parameter(Parameter(label: "y", domain: .float(min: 1e-5, max: 1e-1, isLog: true, step: nil))),
            ]),
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: .random, seed: 1),
            earlyTermination: earlyTermination,
            limits: Limits(maxTrials: trials, isFailFast: end == .done),
            workingDirectory: directory
        )
    }
}
