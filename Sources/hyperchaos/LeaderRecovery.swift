import CommandLineSupport
import Coordination
import ExperimentModel
import Glibc
import TuningTestKit

/// Of two servers the one that leads is ended, again and again: when does the other one lead?
struct LeaderRecovery: Sendable {
    let places: Places
    let kills: Int
    /// Whether it is told to stop, or killed.
    let isClean: Bool

    /// Seconds of each takeover: from the signal to the write that takes the lead, by the database's clock.
    func measure() async throws -> [Double] {
        let set = try await ScratchReplicaSet.start(in: places.scratch, members: 1)
        do {
            let samples = try await RecoveryBench.withFleet(set.uri, places) { store, fleet in
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
        for _ in 0..<ChaosRun.servers { try await fleet.addServer(uri: uri) }
        try await fleet.addWorker(uri: uri, slots: ChaosRun.slots)
        let id = try await RecoveryBench.create(
            command: RecoveryBench.shortTrials(places),
            trials: RecoveryBench.endless,
            in: store,
            places: places
        )
        var samples: [Double] = []
        for _ in 0..<kills {
            let (epoch, index) = try await RecoveryBench.wait(for: "a leader") { () -> (Int, Int)? in
                guard let experiment = try await store.experiment(id), let lead = experiment.lead,
                    let process = Worker.process(of: lead.leader),
                    let index = await fleet.index(ofProcess: process)
                else { return nil }
                return (experiment.epoch, index)
            }
            // The other one has to be there, or it is its start that is measured.
            try await RecoveryBench.pause()
            let process = await fleet.process(index)
            let before = try await store.now()
            if isClean { await fleet.leave(index) } else { await process?.killHard() }
            let taken = try await RecoveryBench.wait(for: "another leader") { () -> Timestamp? in
                guard let experiment = try await store.experiment(id), experiment.epoch > epoch else { return nil }
                return try await store.events(of: id, since: before).first { $0.kind == .led }?.at
            }
            samples.append((taken - before).inSeconds)
            try await fleet.start(index)
            try await ContinuousClock().sleep(for: Self.startTime)
        }
        return samples
    }

    /// What a server surely needs to start.
    static let startTime: Duration = .seconds(2)
}
