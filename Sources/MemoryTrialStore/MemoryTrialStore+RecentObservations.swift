public import ExperimentModel

extension MemoryTrialStore {
    /// See `TrialStore`.
    public func recentObservations(of trial: TrialID, attempt: Int, metric: String, count: Int) -> [Observation] {
        observations(of: trial).filter { $0.attempt == attempt && $0.metric == metric }.suffix(max(0, count))
    }
}
