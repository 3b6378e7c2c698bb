import Coordination
import ExperimentModel

extension TrialStoreConformance {
    static let outageChecks: [TrialStoreConformance] = [
        TrialStoreConformance(
            "leases are judged as of the moment that the leader names, however late its call is carried out"
        ) {
            store in
            var lead = try await running(store, trials: 1)
            let before = lead.renewedAt
            _ = try await claim(store, lead.id, by: "a", lease: expired)
            // It ran out when it was claimed; a minute earlier it had not.
            lead.leasesJudgedAt = before + .seconds(-60)
            try expectEqual(try await store.expireLeases(of: lead, retries: RetryLimits()), [])
            // A moment that is still to come does not make leases run out early.
            lead.leasesJudgedAt = before + .seconds(3600)
            let changed = try await store.expireLeases(of: lead, retries: RetryLimits())
            try expectEqual(changed.map(\.state), [.new])
        }
    ]
}
