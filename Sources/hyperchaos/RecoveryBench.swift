import CommandLineSupport
import Coordination
import ExperimentFile
import ExperimentModel
import Foundation
import StoreOptions

/// What all measurements of recovery share.
enum RecoveryBench {
    /// How long anything that is waited for may take.
    static let timeout: Duration = .seconds(180)
    static let interval: Duration = .milliseconds(50)
    /// Seconds before each kill, drawn, so that it comes at any moment of the renewals.
    static let pauses = 0.0...2.0
    /// More trials than any measurement comes to.
    static let endless = 1_000_000

    /// Creates an experiment with random points.
    /// - Parameter command: as YAML.
    static func create(
        command: String,
        trials: Int,
        in store: any TrialStore,
        places: Places
    ) async throws -> ExperimentID {
        let text = """
            name: recovery
            command: \(command)
            search_space: {x: "uniform(-5, 5)", y: {type: int, min: 0, max: 40}}
            objective: {metric: loss, goal: minimize}
            sampler: {type: random, seed: 1}
            limits: {max_trials: \(trials)}
            retries: {lost: 100, failed: 1}
            fail_fast: false
            """
        let definition = try ExperimentFile.read(
            text: text,
            fileName: "recovery.yaml",
            directory: places.scratch,
            defaultSeed: 1
        ).definition
        var generator = SystemRandomNumberGenerator()
        let id = ExperimentID.random(using: &generator)
        return try await Patient.call { try await store.createExperiment(definition, id: id) }.id
    }

    /// The command of trials that take some hundred milliseconds, as YAML.
    static func shortTrials(_ places: Places) -> String {
        "[\"\(places.trial)\", \"\(places.journal)\", short, \"{x}\", \"{y}\"]"
    }

    /// Asks again and again until there is an answer.
    static func wait<R: Sendable>(for what: String, _ ask: @Sendable () async throws -> R?) async throws -> R {
        let clock = ContinuousClock()
        let end = clock.now + timeout
        while clock.now < end {
            if let answer = try await Patient.call(ask) { return answer }
            try await clock.sleep(for: interval)
        }
        throw ProgramFailure(.failed, "Not within \(timeout): \(what).")
    }

    /// A moment of the next renewals.
    static func pause() async throws {
        try await ContinuousClock().sleep(for: .seconds(Double.random(in: pauses)))
    }

    /// Runs a measurement with a connection and a fleet of its own, which end after it.
    static func withFleet<R: Sendable>(
        _ uri: String,
        _ places: Places,
        leaseSeconds: Int? = nil,
        _ body: (any TrialStore, Fleet) async throws -> R
    ) async throws -> R {
        try Data().write(to: URL(filePath: places.journal))
        let opened = try await ChaosRun.open(uri)
        let fleet = Fleet(places: places, leaseSeconds: leaseSeconds)
        do {
            let result = try await body(opened.store, fleet)
            await fleet.killAll()
            await opened.close()
            return result
        } catch {
            await fleet.killAll()
            await opened.close()
            throw error
        }
    }
}

extension Worker {
    /// The process of a worker or server by its name, `host:pid:` and random bits.
    static func process(of name: String) -> Int32? {
        name.split(separator: ":").dropLast().last.flatMap { Int32($0) }
    }
}
