public import BSON

extension MongoConnection {
    /// Updates the first document that matches; the driver repeats it once after a network error.
    ///
    /// Bounded by the socket time-out alone: the helper of libmongoc cannot carry `maxTimeMS` for an update.
    public func updateOne(
        _ filter: BSONDocument,
        _ update: MongoUpdate,
        in namespace: Namespace,
        upsert: Bool = false,
        arrayFilters: [BSONDocument] = [],
        hint: BSONValue? = nil,
        writeConcern: WriteConcern = .majority
    ) async throws(MongoError) -> UpdateOutcome {
        try namespace.check()
        var pairs: [(String, BSONValue)] = writeConcern.options.elements.map { ($0.key, $0.value) }
        pairs.append(("validate", false))
        if upsert { pairs.append(("upsert", true)) }
        if !arrayFilters.isEmpty { pairs.append(("arrayFilters", .array(arrayFilters.map(BSONValue.document)))) }
        if let hint { pairs.append(("hint", hint)) }
        let statement = SingleWrite(filter, update, options: BSONDocument(recordingFailureOf: pairs), in: namespace)
        let reply = try await run { client throws(MongoError) in try statement.execute(client) }
        return UpdateOutcome(
            matchedCount: try Self.count("matchedCount", in: reply),
            modifiedCount: try Self.count("modifiedCount", in: reply),
            upsertedID: reply["upsertedId"]
        )
    }

    /// Updates every document that matches; never repeated by the driver.
    public func updateMany(
        _ filter: BSONDocument,
        _ update: MongoUpdate,
        in namespace: Namespace,
        upsert: Bool = false,
        arrayFilters: [BSONDocument] = [],
        hint: BSONValue? = nil,
        writeConcern: WriteConcern = .majority
    ) async throws(MongoError) -> UpdateOutcome {
        var statement: [(String, BSONValue)] = [("q", .document(filter)), ("u", update.value), ("multi", true)]
        if upsert { statement.append(("upsert", true)) }
        if !arrayFilters.isEmpty { statement.append(("arrayFilters", .array(arrayFilters.map(BSONValue.document)))) }
        if let hint { statement.append(("hint", hint)) }
        let reply = try await write(
            [
                ("update", .string(namespace.collection)),
                ("updates", [.document(BSONDocument(recordingFailureOf: statement))]),
            ],
            in: namespace,
            writeConcern: writeConcern
        )
        let upserted = reply["upserted"]?.asArray?.first?.asDocument?["_id"]
        let matched = try Self.count("n", in: reply)
        return UpdateOutcome(
            matchedCount: upserted == nil ? matched : matched - 1,
            modifiedCount: try Self.count("nModified", in: reply),
            upsertedID: upserted
        )
    }

    /// Deletes the first document that matches; the driver repeats it once after a network error.
    ///
    /// - Returns: whether there was one.
    public func deleteOne(
        _ filter: BSONDocument,
        in namespace: Namespace,
        writeConcern: WriteConcern = .majority
    ) async throws(MongoError) -> Bool {
        try namespace.check()
        var options = writeConcern.options
        options["maxTimeMS"] = .int64(self.options.maxTime.wholeMilliseconds)
        let statement = SingleWrite(filter, nil, options: options, in: namespace)
        let reply = try await run { client throws(MongoError) in try statement.execute(client) }
        return try Self.count("deletedCount", in: reply) > 0
    }

    /// Deletes every document that matches; never repeated by the driver.
    ///
    /// - Returns: how many there were.
    public func deleteMany(
        _ filter: BSONDocument,
        in namespace: Namespace,
        writeConcern: WriteConcern = .majority
    ) async throws(MongoError) -> Int {
        let reply = try await write(
            [
                ("delete", .string(namespace.collection)),
                ("deletes", [["q": .document(filter), "limit": 0]]),
            ],
            in: namespace,
            writeConcern: writeConcern
        )
        return try Self.count("n", in: reply)
    }

    /// Changes the first document that matches, in one step with reading it.
    ///
    /// The driver repeats it once after a network error, and the server then answers what it answered first.
    /// - Parameters:
    ///   - sort: which document is the first; any when nil.
    ///   - fields: projection of the answer.
    ///   - returnNew: answer with the document after the change instead of before.
    /// - Returns: the document, nil when none matched (or an upsert inserted one and `returnNew` is false).
    public func findAndModify(
        _ filter: BSONDocument,
        _ update: MongoUpdate,
        sort: BSONDocument? = nil,
        fields: BSONDocument? = nil,
        returnNew: Bool = true,
        upsert: Bool = false,
        hint: BSONValue? = nil,
        arrayFilters: [BSONDocument] = [],
        in namespace: Namespace,
        writeConcern: WriteConcern = .majority
    ) async throws(MongoError) -> BSONDocument? {
        var pairs: [(String, BSONValue)] = [
            ("findAndModify", .string(namespace.collection)), ("query", .document(filter)), ("update", update.value),
            ("new", .bool(returnNew)),
        ]
        if upsert { pairs.append(("upsert", true)) }
        if let sort { pairs.append(("sort", .document(sort))) }
        if let fields { pairs.append(("fields", .document(fields))) }
        if let hint { pairs.append(("hint", hint)) }
        if !arrayFilters.isEmpty { pairs.append(("arrayFilters", .array(arrayFilters.map(BSONValue.document)))) }
        return try await findAndModify(pairs, in: namespace, writeConcern: writeConcern)
    }

    /// Deletes the first document that matches and returns it, nil when none did.
    public func findAndRemove(
        _ filter: BSONDocument,
        sort: BSONDocument? = nil,
        fields: BSONDocument? = nil,
        in namespace: Namespace,
        writeConcern: WriteConcern = .majority
    ) async throws(MongoError) -> BSONDocument? {
        var pairs: [(String, BSONValue)] = [
            ("findAndModify", .string(namespace.collection)), ("query", .document(filter)), ("remove", true),
        ]
        if let sort { pairs.append(("sort", .document(sort))) }
        if let fields { pairs.append(("fields", .document(fields))) }
        return try await findAndModify(pairs, in: namespace, writeConcern: writeConcern)
    }

    private func findAndModify(
        _ pairs: [(String, BSONValue)],
        in namespace: Namespace,
        writeConcern: WriteConcern
    ) async throws(MongoError) -> BSONDocument? {
        let command = try makeCommand(pairs, in: namespace)
        return try await writeCommand(command, on: namespace.database, writeConcern: writeConcern)["value"]?.asDocument
    }

    private func write(
        _ pairs: [(String, BSONValue)],
        in namespace: Namespace,
        writeConcern: WriteConcern
    ) async throws(MongoError) -> BSONDocument {
        let command = try makeCommand(pairs, in: namespace)
        let reply = try await send(command, on: namespace.database, mode: .once, options: writeConcern.options)
        try Self.checkWrite(reply)
        return reply
    }

    /// A command with our time limit.
    func makeCommand(
        _ pairs: [(String, BSONValue)],
        in namespace: Namespace
    ) throws(MongoError) -> BSONDocument {
        try namespace.check()
        do throws(BSONError) {
            return try BSONDocument(pairs + [("maxTimeMS", .int64(options.maxTime.wholeMilliseconds))])
        } catch {
            throw MongoError(error)
        }
    }

    static func count(_ key: String, in reply: BSONDocument) throws(MongoError) -> Int {
        do throws(BSONError) {
            return try reply.require(key).int
        } catch {
            throw MongoError(.unexpectedReply, message: error.description)
        }
    }
}
