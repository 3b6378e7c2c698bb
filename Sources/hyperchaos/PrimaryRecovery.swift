import CommandLineSupport
import Coordination
import ExperimentModel
import Foundation
import TuningTestKit

/// The primary of three mongods is killed again and again while short trials run: when is the next result accepted?
struct PrimaryRecovery: Sendable {
    let places: Places
    let kills: Int

    static let workers = 2

    /// Seconds from each kill to the next result that is accepted, by the clock that all mongods of the machine share.
    func measure() async throws -> [Double] {
        let set = try await ScratchReplicaSet.start(in: places.scratch)
        do {
            let samples = try await RecoveryBench.withFleet(set.uri, places) { store, fleet in
                try await measure(set, store, fleet)
            }
            await set.end()
            return samples
        } catch {
            await set.end()
            throw error
        }
    }

    private func measure(_ set: ScratchReplicaSet, _ store: any TrialStore, _ fleet: Fleet) async throws -> [Double] {
        try await fleet.addServer(uri: set.uri)
        for _ in 0..<Self.workers { try await fleet.addWorker(uri: set.uri, slots: ChaosRun.slots) }
        let id = try await RecoveryBench.create(
            command: RecoveryBench.shortTrials(places),
            trials: RecoveryBench.endless,
            in: store,
            places: places
        )
        var killedAt: [Timestamp] = []
        for _ in 0..<kills {
            try await waitForResult(of: id, after: killedAt.last ?? Timestamp(milliseconds: 0), store)
            try await RecoveryBench.pause()
            guard let primary = await set.primary() else { throw ProgramFailure(.failed, "There is no primary.") }
            await set.kill(primary)
            // After it is gone: what it still accepted must not count.
            let killed = Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
            killedAt.append(killed)
            try await waitForResult(of: id, after: killed, store)
            try await set.start(primary)
            try await set.waitUntilWhole()
        }
        let ends = try await Patient.call { try await store.trials(of: id, TrialQuery(states: [.done])) }
            .compactMap(\.finishedAt).sorted()
        return killedAt.compactMap { killed in ends.first { $0 > killed }.map { ($0 - killed).inSeconds } }
    }

    private func waitForResult(of id: ExperimentID, after moment: Timestamp, _ store: any TrialStore) async throws {
        _ = try await RecoveryBench.wait(for: "a result") { () -> Bool? in
            let latest = try await store.latestTrials(of: id, count: 20)
            return latest.contains { $0.state == .done && ($0.finishedAt ?? moment) > moment } ? true : nil
        }
    }
}
