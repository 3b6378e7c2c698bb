import CRawLoop
import CommandLineSupport
import Coordination
import Execution
import ExperimentModel
import Foundation
import Logging
import Samplers
import SearchSpace
import StoreOptions
import TuningTestKit
import WorkerRuntime

/// A worker with nothing to do but the trials that this hands it, one at a time or all at once.
///
/// This is the leader too: it inserts, listens to the change stream that leaders use, and orders. Worker and leader have a
/// connection each; trials are processes that say when they ran.
struct LatencyRun: Sendable {
    let uri: String
    let stamp: String
    let slots: Int
    let logger: Logger

    /// A run that takes longer than this has gone wrong.
    static let timeout: Duration = .seconds(120)
    /// How long the worker is left alone before the next insert.
    static let pause: Duration = .milliseconds(20)
    static let pollInterval: Duration = .microseconds(200)
    static let lease: Duration = .seconds(3600)

    /// Milliseconds, by trial.
    struct Starts: Sendable {
        var called: [Double] = []
        var acknowledged: [Double] = []
        var resultKnown: [Double] = []
        var turnaround: [Double] = []
    }

    /// Milliseconds, by trial.
    struct Reports: Sendable {
        var seen: [Double] = []
        var cancelled: [Double] = []
    }

    /// Trials one at a time on the idle worker; then as many at once, for the turn-around of its slots.
    func starts(count: Int) async throws -> Starts {
        try await withBed(mode: "run", trials: 2 * count) { bed in
            var events = bed.store.watch(.everything).makeAsyncIterator()
            _ = await events.next()
            var (calls, acknowledgements, known): ([Int64], [Int64], [Int64]) = ([], [], [])
            for number in 1...count {
                // The slot goes back to waiting.
                try await Task.sleep(for: Self.pause)
                let trial = try bed.trial(number)
                calls.append(raw_loop_now())
                try await bed.store.insertTrials([trial])
                acknowledgements.append(raw_loop_now())
                while let event = await events.next(), !event.isEnd(of: number) {}
                known.append(raw_loop_now())
            }
            try await bed.store.insertTrials(try (count + 1...2 * count).map(bed.trial))
            // An event tells a trial as it is now, which may be its end twice.
            var ended: Set<Int> = []
            while ended.count < count, let event = await events.next() {
                if let number = event.endedNumber, number > count { ended.insert(number) }
            }
            let stamps = try Stamp.read(bed.file)
            let single = stamps.filter { $0.trial <= count }.sorted { $0.trial < $1.trial }
            guard single.count == count, stamps.count == 2 * count else {
                throw ProgramFailure(.internalError, "\(stamps.count) trials of \(2 * count) ran.")
            }
            return Starts(
                called: zip(calls, single).map { LatencyFloor.milliseconds($0, $1.begin) },
                acknowledged: zip(acknowledgements, single).map { LatencyFloor.milliseconds($0, $1.begin) },
                resultKnown: zip(single, known).map { LatencyFloor.milliseconds($0.last, $1) },
                turnaround: turnarounds(stamps.filter { $0.trial > count })
            )
        }
    }

    /// From the end of each trial to the beginning of the one that follows it in a slot: the k-th end frees the slot of the
    /// (k + slots)-th beginning.
    private func turnarounds(_ stamps: [Stamp]) -> [Double] {
        let begins = stamps.map(\.begin).sorted().dropFirst(slots)
        return zip(stamps.map(\.last).sorted(), begins).map(LatencyFloor.milliseconds)
    }

    /// Trials that report and then wait until they are cancelled.
    func reports(count: Int) async throws -> Reports {
        try await withBed(mode: "report", trials: count) { bed in
            var events = bed.store.watch(.everything).makeAsyncIterator()
            _ = await events.next()
            var reports = Reports()
            for number in 1...count {
                try await bed.store.insertTrials([try bed.trial(number)])
                var observation: Observation?
                while observation == nil {
                    observation = try await bed.store.observations(of: bed.id(number)).first
                }
                guard let observation, let stamp = try Stamp.read(bed.file).last, stamp.trial == number else { break }
                reports.seen.append(LatencyFloor.milliseconds(Int64(observation.value), raw_loop_now()))
                try await Task.sleep(for: Self.pause)
                let ordered = raw_loop_now()
                try await bed.store.orderRunningTrials(.cancel, of: bed.lead)
                // Until it is reaped, that is.
                while kill(pid_t(stamp.last), 0) == 0 { try await Task.sleep(for: Self.pollInterval) }
                reports.cancelled.append(LatencyFloor.milliseconds(ordered, raw_loop_now()))
                while let event = await events.next(), !event.isEnd(of: number) {}
            }
            return reports
        }
    }

    // MARK: The bed

    /// An experiment that this leads, and a worker that serves it.
    private struct Bed: Sendable {
        let store: any TrialStore
        let lead: Lead
        let sampler: any Sampler
        /// Where trials say when they ran.
        let file: String

        func id(_ number: Int) -> TrialID { TrialID(experiment: lead.id, number: number) }

        func trial(_ number: Int) throws -> Trial {
            let suggestion = try sampler.suggest(trial: number, history: TrialHistory())
            return Trial(
                id: id(number),
                suggestion: suggestion,
                assignment: try lead.experiment.definition.searchSpace.assignment(for: suggestion),
                createdAt: lead.renewedAt
            )
        }
    }

    private func withBed<R: Sendable>(
        mode: String,
        trials: Int,
        _ body: @escaping @Sendable (Bed) async throws -> R
    ) async throws -> R {
        try await withEngine(mode: mode, end: .failed(.noMetric)) { engine in
            try await engine.withStores { server, worker in
                let (runtime, description) = engine.makeWorker(worker)
                var generator = SystemRandomNumberGenerator()
                let definition = try engine.definition(trials)
                let id = ExperimentID.random(using: &generator)
                _ = try await server.store.createExperiment(definition, id: id)
                guard var lead = try await server.store.takeLead(of: id, as: "bench", lease: Self.lease) else {
                    throw ProgramFailure(.internalError, "The new experiment is led by somebody else.")
                }
                lead.experiment = try await server.store.change(.begin, lead: lead)
                try await worker.store.register(description)
                let bed = Bed(
                    store: server.store,
                    lead: lead,
                    sampler: try SamplerFactory.makeSampler(for: definition),
                    file: Self.stamps(engine)
                )
                return try await withThrowingTaskGroup(of: R?.self) { group in
                    group.addTask {
                        await runtime.run()
                        return nil
                    }
                    group.addTask {
                        try await Task.sleep(for: Self.timeout)
                        throw ProgramFailure(.internalError, "Latencies were not measured within \(Self.timeout).")
                    }
                    group.addTask {
                        let result = try await body(bed)
                        await runtime.stop()
                        return result
                    }
                    while let ended = try await group.next() {
                        guard let result = ended else { continue }
                        // The worker signs off before its connection is closed.
                        _ = try await group.next()
                        group.cancelAll()
                        return result
                    }
                    throw ProgramFailure(.internalError, "The worker left early.")
                }
            }
        }
    }

    /// An engine whose trials run the stamp program in a directory of their own, which is there as long as `body` runs.
    func withEngine<R>(mode: String, end: EngineRun.End, _ body: (EngineRun) async throws -> R) async throws -> R {
        let directory = FileManager.default.temporaryDirectory.appending(path: "latency-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // Best effort: it is in the temporary directory.
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await body(
            EngineRun(
                uri: uri,
                slots: slots,
                command: .arguments([stamp, mode, directory + "/" + Self.stampsName, "{x}"]),
                end: end,
                executor: try ProcessTrialExecutor(
                    settings: .init(workDirectory: directory, host: "bench"),
                    logger: logger
                ),
                directory: directory,
                meter: nil,
                logger: logger
            )
        )
    }

    private static let stampsName = "stamps"

    /// Where the trials of an engine leave their stamps.
    static func stamps(_ engine: EngineRun) -> String { engine.directory + "/" + stampsName }
}

extension StoreEvent {
    /// Whether it tells that a trial, or this one, has ended.
    /// The number of a trial that has ended.
    fileprivate var endedNumber: Int? {
        guard case .trial(let trial) = self, trial.state.isTerminal else { return nil }
        return trial.id.number
    }

    fileprivate func isEnd(of number: Int) -> Bool { endedNumber == number }
}
