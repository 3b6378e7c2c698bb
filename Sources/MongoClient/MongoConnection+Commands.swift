public import BSON
import CMongoC

extension MongoConnection {
    /// How libmongoc treats a command.
    enum CommandMode: Sendable {
        /// Sent once.
        case once
        /// Sent again after a network error, if it is `findAndModify`; other writes have calls of their own.
        case retryableWrite
        /// Sent again after a network error.
        case retryableRead
    }

    /// Runs any command once on the primary; for administration.
    ///
    /// - Returns: the server's reply.
    public func command(_ command: BSONDocument, on database: String) async throws(MongoError) -> BSONDocument {
        try await send(command, on: database, mode: .once, options: .empty)
    }

    /// Runs a reading command on the primary; the driver repeats it once after a network error.
    public func readCommand(_ command: BSONDocument, on database: String) async throws(MongoError) -> BSONDocument {
        try await send(command, on: database, mode: .retryableRead, options: .empty)
    }

    /// Runs a writing command on the primary; the driver repeats `findAndModify`, and only that, after a network error.
    ///
    /// Entries of `writeErrors` and `writeConcernError` are thrown.
    public func writeCommand(
        _ command: BSONDocument,
        on database: String,
        writeConcern: WriteConcern = .majority
    ) async throws(MongoError) -> BSONDocument {
        let reply = try await send(command, on: database, mode: .retryableWrite, options: writeConcern.options)
        try Self.checkWrite(reply)
        return reply
    }

    /// Asks the primary who it is (`hello` and `buildInfo`).
    public func serverDescription() async throws(MongoError) -> ServerDescription {
        let (hello, build) = try await run { client throws(MongoError) in
            (
                try Self.execute(["hello": 1], on: "admin", mode: .once, options: .empty, client: client),
                try Self.execute(["buildInfo": 1], on: "admin", mode: .once, options: .empty, client: client)
            )
        }
        let numbers = build["versionArray"]?.asArray?.compactMap(\.asInt) ?? []
        guard numbers.count >= 3 else {
            throw MongoError(.unexpectedReply, message: "buildInfo has no versionArray")
        }
        let setName = hello["setName"]?.asString
        return ServerDescription(
            version: ServerDescription.Version(numbers[0], numbers[1], numbers[2]),
            hasChangeStreams: setName != nil || hello["msg"]?.asString == "isdbgrid",
            isReplicaSet: setName != nil,
            isWritablePrimary: hello["isWritablePrimary"]?.asBool ?? false,
            setName: setName
        )
    }

    func send(
        _ command: BSONDocument,
        on database: String,
        mode: CommandMode,
        options: BSONDocument
    ) async throws(MongoError) -> BSONDocument {
        try Namespace.check(database)
        return try await run { client throws(MongoError) in
            try Self.execute(command, on: database, mode: mode, options: options, client: client)
        }
    }

    /// The blocking call itself.
    static func execute(
        _ command: BSONDocument,
        on database: String,
        mode: CommandMode,
        options: BSONDocument,
        client: OpaquePointer
    ) throws(MongoError) -> BSONDocument {
        let block = try ReplyBlock()
        var error = bson_error_t()
        let isOK: Bool
        do throws(BSONError) {
            isOK = try command.withNative { command throws(BSONError) in
                try options.withNative { options in
                    block.withHandle { reply in
                        switch mode {
                        case .once:
                            mongoc_client_command_with_opts(client, database, command, nil, options, reply, &error)
                        case .retryableRead:
                            mongoc_client_read_command_with_opts(client, database, command, nil, options, reply, &error)
                        case .retryableWrite:
                            mongoc_client_write_command_with_opts(client, database, command, options, reply, &error)
                        }
                    }
                }
            }
        } catch {
            throw MongoError(error)
        }
        let reply = block.document
        guard isOK else { throw MongoError(error, reply: reply) }
        return reply
    }

    /// Throws the first entry of `writeErrors`, or `writeConcernError`, of a reply with `ok: 1`.
    static func checkWrite(_ reply: BSONDocument) throws(MongoError) {
        let labels = reply["errorLabels"]?.asArray?.compactMap(\.asString) ?? []
        if let first = reply["writeErrors"]?.asArray?.first?.asDocument {
            throw MongoError(writeError: first, labels: labels, isWriteConcern: false)
        }
        if let failure = reply["writeConcernError"]?.asDocument {
            throw MongoError(writeError: failure, labels: labels, isWriteConcern: true)
        }
    }
}
