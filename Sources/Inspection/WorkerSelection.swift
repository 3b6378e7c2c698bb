public import ExperimentModel

/// Which workers a person means by a word.
public enum WorkerSelection {
    /// A word that names no worker, or not one.
    public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// No worker of the last hour fits.
        case noSuch(String)
        /// Several fit; these.
        case ambiguous(String, [WorkerID])

        /// What is wrong and what to do.
        public var description: String {
            switch self {
            case .noSuch(let word):
                "There is no worker \"\(word)\". `hyperserver workers` shows what there is."
            case .ambiguous(let word, let ids):
                "\"\(word)\" is the beginning of \(ids.count) workers: "
                    + ids.prefix(Self.largestNamedCount).map(\.rawValue).joined(separator: ", ")
                    + (ids.count > Self.largestNamedCount ? ", …" : "") + ". Give more of it, or the name of a host."
            }
        }

        /// Workers that a message names.
        static let largestNamedCount = 5
    }

    /// The workers that a word means: by id, all on a host by its name, or one by the beginning of its id.
    ///
    /// Those that are silent are meant only where no other fits, except by their whole id.
    public static func workers(
        meant word: String,
        among workers: [WorkerOverview]
    ) throws(Failure) -> [WorkerOverview] {
        if let exact = workers.first(where: { $0.worker.id.rawValue == word }) { return [exact] }
        let onHost = livelier(workers.filter { $0.worker.host == word })
        if !onHost.isEmpty { return onHost }
        let beginning = word.isEmpty ? [] : livelier(workers.filter { $0.worker.id.rawValue.hasPrefix(word) })
        guard let only = beginning.first else { throw .noSuch(word) }
        guard beginning.count == 1 else { throw .ambiguous(word, beginning.map(\.worker.id)) }
        return [only]
    }

    private static func livelier(_ workers: [WorkerOverview]) -> [WorkerOverview] {
        let live = workers.filter { $0.state != .silent }
        return live.isEmpty ? workers : live
    }
}
