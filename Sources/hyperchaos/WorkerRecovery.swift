import CommandLineSupport
import Coordination
import ExperimentModel
import TuningTestKit

/// Many workers of one slot run a long trial each and are killed one after the other: when has another claimed it?
struct WorkerRecovery: Sendable {
    let places: Places
    let kills: Int
    /// `nil` leaves the default.
    let leaseSeconds: Int?

    /// Seconds from each kill to the claim of the next attempt, by the database's clock.
    func measure() async throws -> [Double] {
        let set = try await ScratchReplicaSet.start(in: places.scratch, members: 1)
        do {
            let samples = try await RecoveryBench.withFleet(set.uri, places, leaseSeconds: leaseSeconds) {
                store,
                fleet in
                try await measure(set.uri, store, fleet)
            }
            await set.end()
            return samples
        } catch {
            await set.end()
            throw error
        }
    }

    private func measure(_ uri: String, _ store: any TrialStore, _ fleet: Fleet) async throws -> [Double] {
        try await fleet.addServer(uri: uri)
        let id = try await RecoveryBench.create(
            command: "\"echo waits; sleep 600; : {x} {y}\"",
            trials: kills,
            in: store,
            places: places
        )
        for _ in 0..<kills { try await fleet.addWorker(uri: uri, slots: 1) }
        let running = try await RecoveryBench.wait(for: "all trials to run") { () -> [Trial]? in
            let trials = try await store.trials(of: id, TrialQuery(states: [.running]))
            return trials.count == kills ? trials : nil
        }
        // There is nothing for it to do until the first one is killed.
        try await fleet.addWorker(uri: uri, slots: kills)
        var killedAt: [Int: Timestamp] = [:]
        for trial in running {
            try await RecoveryBench.pause()
            guard let owner = trial.owner, let process = Worker.process(of: owner.rawValue),
                let index = await fleet.index(ofProcess: process)
            else { throw ProgramFailure(.failed, "Nobody runs trial \(trial.id).") }
            killedAt[trial.id.number] = try await store.now()
            await fleet.process(index)?.killHard()
        }
        let claimed = try await RecoveryBench.wait(for: "all trials to run again") { () -> [Trial]? in
            let trials = try await store.trials(of: id, .all)
            return trials.allSatisfy { $0.attempts.count > 1 } ? trials : nil
        }
        return claimed.compactMap { trial in
            killedAt[trial.id.number].map { (trial.attempts[1].claimedAt - $0).inSeconds }
        }
    }
}
