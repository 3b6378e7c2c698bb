public import ExperimentModel

extension MemoryTrialStore {
    /// See `TrialStore`.
    public func observations(
        of trial: TrialID,
        attempt: Int,
        metric: String,
        after: Int?,
        limit: Int
    ) -> [Observation] {
        let all = observations(of: trial).lazy
        let wanted = all.filter { $0.attempt == attempt && $0.metric == metric && $0.sequence > after ?? -1 }
        return Array(wanted.prefix(max(0, limit)))
    }
}
