import ArgumentParser
import Coordination
import ExperimentModel

/// Completes workers by their hosts and by host and process.
enum WorkerCompletion {
    /// For an argument that takes workers.
    static let workers = CompletionKind.custom { words, _, _ in
        StoreCompletion.candidates(words) { store in
            let known = try await store.knownWorkers().filter { StoreCompletion.isOneWord($0.host) }
            // Shells take a colon for the end of a word: what stands before the random part is told by host and process.
            return Set(known.map(\.host)).sorted() + known.map { "\($0.host):\($0.processID)" }.sorted()
        }
    }
}
