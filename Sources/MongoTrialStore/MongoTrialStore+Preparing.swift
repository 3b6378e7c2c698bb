import BSON
import Coordination
import Logging
import MongoClient

extension MongoTrialStore {
    /// The server's code for a collection that is not there.
    private static let noSuchNamespace = 26

    /// Checks server and schema versions, and makes what is missing of the indexes and of the schema's record.
    ///
    /// Nothing is written to a database that is set up, so that a user who may only read can look at it.
    /// - Throws: ``TrialStoreError/notSetUp(_:)`` when something is missing that this user may not make.
    public func prepare() async throws {
        try await translating {
            let server = try await connection.serverDescription()
            guard server.version >= Self.oldestServer else {
                throw TrialStoreError.refused(
                    "MongoDB \(server.version) is too old; \(Self.oldestServer) or newer is needed"
                )
            }
            let found = try await schemaVersion()
            for (name, indexes) in Schema.indexes {
                try await makeMissing(indexes, in: collection(name), isSetUp: found == Schema.version)
            }
            // After the indexes: where the version stands, they do.
            if found != Schema.version { try await recordVersion(found) }
        }
    }

    /// - Throws: ``TrialStoreError/newerSchema(found:supported:)``.
    private func schemaVersion() async throws -> Int? {
        let found = try await connection.findOne(["_id": "schema"], in: collection(Schema.meta))
        let version = found?["version"]?.asInt
        if let version, version > Schema.version {
            throw TrialStoreError.newerSchema(found: version, supported: Schema.version)
        }
        return version
    }

    private func makeMissing(_ indexes: [IndexSpecification], in place: Namespace, isSetUp: Bool) async throws {
        // Whoever may not look may still be allowed to make them.
        let existing = try await self.indexes(of: place)
        let missing = indexes.filter { index in !(existing ?? []).contains { Self.isSame(index, $0) } }
        if missing.isEmpty { return }
        do throws(MongoError) {
            try await connection.createIndexes(missing, on: place)
        } catch {
            guard error.kind == .notAuthorized else { throw error }
            // What an index forbids is part of the promises of the store; the others only make it fast. A program that may
            // not see what is there relies on the version, which is recorded last.
            let isKnownToLackUnique = existing != nil && missing.contains(where: \.isUnique)
            guard isSetUp, !isKnownToLackUnique else {
                throw TrialStoreError.notSetUp(
                    "\(place) lacks an index, and this user may not make it"
                )
            }
            logger.debug("indexes of \(place) are not looked after: \(error)")
        }
    }

    /// The indexes of a collection; `nil` when this user may not see them.
    private func indexes(of place: Namespace) async throws -> [BSONDocument]? {
        let command: BSONDocument = [
            "listIndexes": .string(place.collection), "cursor": ["batchSize": .int(Self.largestIndexCount)],
        ]
        do throws(MongoError) {
            let reply = try await connection.readCommand(command, on: place.database)
            return (reply.value(at: "cursor.firstBatch")?.asArray ?? []).compactMap(\.asDocument)
        } catch {
            if error.kind == .notAuthorized { return nil }
            if error.code == Self.noSuchNamespace { return [] }
            throw error
        }
    }

    /// Indexes that MongoDB allows in one collection.
    private static let largestIndexCount = 64

    /// Whether an index of the server is the one that is wanted; with another of its name, making it says what is wrong.
    private static func isSame(_ wanted: IndexSpecification, _ found: BSONDocument) -> Bool {
        guard found["name"]?.asString == wanted.name, (found["unique"]?.asBool ?? false) == wanted.isUnique,
            let keys = found["key"]?.asDocument?.elements
        else { return false }
        return keys.map(\.key) == wanted.keys.elements.map(\.key)
    }

    /// - Parameter found: the version that was there, older than ours.
    private func recordVersion(_ found: Int?) async throws {
        let meta = collection(Schema.meta)
        do {
            if found == nil {
                let record: BSONDocument = ["_id": "schema", "version": .int(Schema.version)]
                let outcome = try await connection.insert([record], into: meta)
                // Another program, maybe of another version, was faster.
                if outcome.duplicateKeyIndexes.isEmpty { return }
                if try await schemaVersion() == Schema.version { return }
            }
            // From now on an older program refuses the database. A newer one may have raised it further meanwhile.
            let older: BSONDocument = ["_id": "schema", "version": ["$lt": .int(Schema.version)]]
            _ = try await connection.updateOne(older, ["$set": ["version": .int(Schema.version)]], in: meta)
        } catch let error as MongoError where error.kind == .notAuthorized {
            let standing = found.map { "has schema version \($0), older than ours" } ?? "is not set up yet"
            throw TrialStoreError.notSetUp("database \(database) \(standing), and this user may not change that")
        }
    }
}
