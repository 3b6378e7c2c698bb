import ArgumentParser
import Coordination
import ExperimentModel

/// Completes ids and names of experiments.
enum ExperimentCompletion {
    /// Experiments that are offered at most, the newest.
    static let largestCount = 200

    /// For an argument that takes the id or name of an experiment.
    static let ids = CompletionKind.custom { words, _, _ in
        StoreCompletion.candidates(words) { store in
            let found = try await store.experiments(ExperimentQuery(newest: largestCount))
            guard !found.isEmpty else { return [] }
            var seen: Set<String> = []
            let names = found.map(\.definition.name).filter {
                StoreCompletion.isOneWord($0) && seen.insert($0).inserted
            }
            return ["last"] + found.map(\.id.rawValue) + names
        }
    }
}
