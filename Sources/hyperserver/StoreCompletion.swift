import ArgumentParser
import Coordination
import Dispatch
import StoreOptions
import Synchronization

/// Candidates for a completion that are looked up in the store that the words before the cursor name.
enum StoreCompletion {
    /// Longest that a person who pressed a key waits.
    static let patience: DispatchTimeInterval = .milliseconds(1000)

    /// What `body` finds in a store that is up; nothing when it takes too long.
    static func candidates(
        _ words: [String],
        _ body: @escaping @Sendable (any TrialStore) async throws -> [String]
    ) -> [String] {
        let answer = Mutex<[String]>([])
        let isDone = DispatchSemaphore(value: 0)
        // Awaited below; what takes too long ends with the process.
        Task.detached {
            let found = await StoreGlance.at(options(in: words), environment: CommonOptions.environment, body)
            answer.withLock { $0 = found ?? [] }
            isDone.signal()
        }
        _ = isDone.wait(timeout: .now() + patience)
        return answer.withLock { $0 }
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
    static func isOneWord(_ name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "._-".unicodeScalars.contains(scalar)
            }
    }
}
