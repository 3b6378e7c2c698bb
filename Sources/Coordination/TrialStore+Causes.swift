public import ExperimentModel

extension WorkerStore {
    /// A store that cannot tell leaves it to its workers' looks.
    public func timeToNextRepeat(of experiment: ExperimentID) async throws -> Duration? { nil }
}

extension TrialStore {
    /// By reading all failed trials; a store that can count them without does.
    public func failureCauses(of experiment: ExperimentID) async throws -> [TrialCause: Int] {
        let failed = try await trials(of: experiment, TrialQuery(states: [.failed]))
        return Dictionary(grouping: failed.compactMap(\.cause)) { $0 }.mapValues(\.count)
    }

    /// By reading all done trials; a store that can count them without does.
    public func stoppedCount(of experiment: ExperimentID) async throws -> Int {
        try await trials(of: experiment, TrialQuery(states: [.done])).count { $0.cause == .stoppedEarly }
    }
}
