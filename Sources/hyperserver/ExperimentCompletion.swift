import ArgumentParser
import Coordination
import Dispatch
import ExperimentModel
import StoreOptions
import Synchronization

/// Completes ids and names of experiments.
enum ExperimentCompletion {
    /// Experiments that are offered at most, the newest.
    static let largestCount = 200
    /// Longest that a person who pressed a key waits.
    static let patience: DispatchTimeInterval = .milliseconds(1000)

    /// For an argument that takes the id or name of an experiment.
    static let ids = CompletionKind.custom { words, _, _ in candidates(words) }

    /// Ids, names and `last`, of the store that the words before the cursor name.
    private static func candidates(_ words: [String]) -> [String] {
        let answer = Mutex<[String]>([])
        let isDone = DispatchSemaphore(value: 0)
        // Awaited below; what takes too long ends with the process.
        Task.detached {
            let found = await experiments(words)
            answer.withLock { $0 = found }
            isDone.signal()
        }
        _ = isDone.wait(timeout: .now() + patience)
        return answer.withLock { $0 }
    }

    private static func experiments(_ words: [String]) async -> [String] {
        let found = await StoreGlance.at(options(in: words), environment: CommonOptions.environment) { store in
            try await store.experiments(ExperimentQuery(newest: largestCount))
        }
        guard let found, !found.isEmpty else { return [] }
        var seen: Set<String> = []
        let names = found.map(\.definition.name).filter { isOneWord($0) && seen.insert($0).inserted }
        return ["last"] + found.map(\.id.rawValue) + names
    }

    /// Options of the store, as far as they stand on the line.
    private static func options(in words: [String]) -> StoreOptions {
        func value(of option: String) -> String? {
            for (index, word) in words.enumerated() {
                if word == option, index + 1 < words.count { return words[index + 1] }
                if word.hasPrefix("\(option)=") { return String(word.dropFirst(option.count + 1)) }
            }
            return nil
        }
        var options = StoreOptions()
        options.mongo = value(of: "--mongo")
        options.mongoURIFile = value(of: "--mongo-uri-file")
        options.database = value(of: "--database")
        options.dataDir = value(of: "--data-dir")
        return options
    }

    /// Whether a shell takes a name for one word without quoting.
    private static func isOneWord(_ name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "._-".unicodeScalars.contains(scalar)
            }
    }
}
