public import ExperimentModel

extension MemoryTrialStore {
    /// See `WorkerStore`. Asynchronous like the protocol's own answer, which would be preferred otherwise.
    public func timeToNextRepeat(of experiment: ExperimentID) async throws -> Duration? {
        guard let record = records[experiment] else { return nil }
        let now = clock()
        return record.newNumbers.compactMap { record.trials[$0]?.notBefore }.min().map { max(.zero, $0 - now) }
    }
}
