import BSON
import Coordination
import Logging
import Synchronization

/// Documents that a newer version wrote, or somebody edited: each is named, once, and the rest goes on.
extension MongoTrialStore {
    /// Different complaints that are remembered; then all may be said again.
    static let largestComplaintCount = 1000

    /// Says something once in the life of this process, since whoever reads a document reads it again and again.
    func complain(_ text: String) {
        let isNew = complaints.withLock { complaints in
            if complaints.count >= Self.largestComplaintCount { complaints.removeAll() }
            return complaints.insert(text).inserted
        }
        if isNew { logger.error("\(text)") }
    }

    /// Reads what can be read; the rest is named and left out.
    func readable<Value>(
        _ documents: [BSONDocument],
        _ kind: String,
        _ read: (BSONDocument) throws -> Value?
    ) -> [Value] {
        documents.compactMap { document in
            do {
                return try read(document)
            } catch {
                complain("\(Self.unreadable(document, kind, error))")
                return nil
            }
        }
    }

    /// The error of a document that cannot be read, by its id.
    static func unreadable(_ document: BSONDocument, _ kind: String, _ error: any Error) -> TrialStoreError {
        let id = document["_id"]
        let name = id?.asString ?? id?.asObjectID?.description ?? "?"
        return .unreadable(document: "\(kind) \(name)", reason: "\(error)")
    }
}
