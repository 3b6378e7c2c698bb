import Coordination
import ExperimentModel

extension TrialStoreConformance {
    static let curveChecks: [TrialStoreConformance] = [
        TrialStoreConformance("the observations of one metric of one attempt come in order, page by page") { store in
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
            func page(_ attempt: Int, _ metric: String, after: Int?, _ limit: Int) async throws -> [Observation] {
                try await store.observations(
                    of: claimed.id,
                    attempt: attempt,
                    metric: metric,
                    after: after,
                    limit: limit
                )
            }
            try expectEqual(try await page(1, "loss", after: nil, 3), Array(losses.prefix(3)))
            try expectEqual(try await page(1, "loss", after: 4, 3), Array(losses.suffix(1)))
            try expectEqual(try await page(1, "loss", after: 0, 9), Array(losses.dropFirst()))
            try expectEqual(try await page(1, "size", after: 1, 1).map(\.sequence), [3])
            try expectEqual(try await page(2, "loss", after: nil, 9).map(\.attempt), [2])
            try expectEqual(try await page(1, "loss", after: nil, 0), [])
            try expectEqual(try await page(1, "loss", after: 5, 5), [])
            try expectEqual(try await page(3, "loss", after: nil, 5), [])
        },
        TrialStoreConformance("trials that were stopped early are counted, and no others") { store in
            let lead = try await running(store, trials: 4)
            try expectEqual(try await store.stoppedCount(of: lead.id), 0)
            for outcome in [
                success, failure, AttemptOutcome(cause: .stoppedEarly, value: 2), AttemptOutcome(cause: .stoppedEarly),
            ] {
                let claimed = try await claim(store, lead.id)
                _ = try await store.finish(claimed, with: outcome, retries: RetryLimits())
            }
            // The last one had no value, so it is cancelled.
            try expectEqual(try await store.stoppedCount(of: lead.id), 1)
        },
    ]
}
