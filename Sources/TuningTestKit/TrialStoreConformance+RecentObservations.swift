import Coordination
import ExperimentModel

extension TrialStoreConformance {
    static let recentObservationChecks: [TrialStoreConformance] = [
        TrialStoreConformance("the newest observations of one metric of one attempt come in order") { store in
            let lead = try await running(store, trials: 1)
            let claimed = try await claim(store, lead.id)
            func observation(_ attempt: Int, _ sequence: Int, _ metric: String) -> Observation {
                Observation(
                    trial: claimed.id,
                    attempt: attempt,
                    sequence: sequence,
                    metric: metric,
                    step: Int64(sequence) * 10,
                    value: Double(sequence)
                )
            }
            let losses = [0, 2, 4, 5].map { observation(1, $0, "loss") }
            try await store.record(losses + [observation(1, 1, "size"), observation(1, 3, "size")])
            try await store.record([observation(2, 0, "loss")])
            func recent(_ attempt: Int, _ metric: String, _ count: Int) async throws -> [Observation] {
                try await store.recentObservations(of: claimed.id, attempt: attempt, metric: metric, count: count)
            }
            try expectEqual(try await recent(1, "loss", 3), Array(losses.suffix(3)))
            try expectEqual(try await recent(1, "loss", 9), losses)
            try expectEqual(try await recent(1, "size", 1).map(\.sequence), [3])
            try expectEqual(try await recent(2, "loss", 9).map(\.attempt), [2])
            try expectEqual(try await recent(1, "loss", 0), [])
            try expectEqual(try await recent(3, "loss", 5), [])
        }
    ]
}
