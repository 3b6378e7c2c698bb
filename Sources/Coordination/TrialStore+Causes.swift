public import ExperimentModel

extension TrialStore {
    /// By reading all failed trials; a store that can count them without does.
    public func failureCauses(of experiment: ExperimentID) async throws -> [TrialCause: Int] {
        let failed = try await trials(of: experiment, TrialQuery(states: [.failed]))
        return Dictionary(grouping: failed.compactMap(\.cause)) { $0 }.mapValues(\.count)
    }
}
