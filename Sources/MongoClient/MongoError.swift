import BSON

/// What went wrong between this process and MongoDB.
///
/// Neither `message` nor `description` ever contains credentials.
public struct MongoError: Error, Equatable, Sendable {
    /// What a caller can act on.
    public enum Kind: Sendable, Equatable {
        /// The connection string cannot be read.
        case malformedURI
        /// Name or password was refused.
        case authenticationFailed
        /// The user, or the absence of one, does not allow the command.
        case notAuthorized
        /// No server could be reached in time, or the connection broke.
        case unavailable
        /// The server is stepping down, shutting down or not the primary.
        case interrupted
        /// The operation took longer than its `maxTimeMS` on the server.
        case timedOut
        /// A unique index holds the key already.
        case duplicateKey
        /// The server is not a replica set, so there are no change streams.
        case changeStreamsUnsupported
        /// A change stream cannot continue after its last event; read the collection again and open a new one.
        case changeStreamLost
        /// The consumer of a change stream was too slow; read the collection again and open a new one.
        case changeStreamOverflow
        /// The write was applied, but not confirmed by a majority in time.
        case writeConcernFailed
        /// The server refused the command.
        case commandFailed(code: Int, codeName: String)
        /// No client became free within the wait time of the pool.
        case poolExhausted
        /// The connection was closed by this process.
        case closed
        /// The calling task was cancelled before the call began.
        case cancelled
        /// A document, name or argument cannot be sent.
        case invalidDocument
        /// The result is larger than the named maximum; use `findEach` or a smaller query.
        case resultTooLarge
        /// The reply of the server lacks something that the protocol promises.
        case unexpectedReply
    }

    /// What a caller can act on.
    public let kind: Kind
    /// What the driver or the server said.
    public let message: String
    /// The error code of the server or of libmongoc (see `domain`), 0 when there is none.
    public let code: Int
    /// The libmongoc error domain; 17 is the server itself, 0 this module.
    public let domain: Int
    /// The error labels of the reply, such as `RetryableWriteError`.
    public let labels: [String]

    /// Describes a failure; the text is stripped of credentials.
    public init(_ kind: Kind, message: String, code: Int = 0, domain: Int = 0, labels: [String] = []) {
        self.kind = kind
        self.message = MongoRuntime.shared.redacting(message)
        self.code = code
        self.domain = domain
        self.labels = labels
    }

    /// Whether the same call may succeed later.
    ///
    /// After a write the outcome is unknown then, so only a repeatable write may be sent again.
    public var isRetryable: Bool {
        switch kind {
        case .unavailable, .interrupted, .timedOut, .poolExhausted, .writeConcernFailed: true
        default: labels.contains("RetryableWriteError")
        }
    }

    init(_ error: BSONError) {
        self.init(.invalidDocument, message: error.description)
    }
}

extension MongoError: CustomStringConvertible {
    /// The message without a full stop at its end: more follows.
    private var cause: String { message.hasSuffix(".") ? String(message.dropLast()) : message }

    /// What to do about a server that does not answer.
    public static let reachAdvice = "Check host, port and replicaSet in the URI, and that mongod is up."

    /// What happened and what to do about it.
    public var description: String {
        switch kind {
        case .malformedURI:
            "The MongoDB URI is malformed: \(cause). Write it as mongodb://user:password@host:27017/?replicaSet=name"
                + " with special characters percent-encoded."
        case .authenticationFailed:
            "MongoDB refused the credentials: \(cause). Check user, password and authSource in the URI."
        case .notAuthorized where message.contains("requires authentication"):
            "MongoDB wants a password: \(cause). Put user and password into the URI, as in mongodb://user:password@host."
        case .notAuthorized:
            "MongoDB does not allow this: \(message). Give the user the roles that docs/operations.md lists."
        case .unavailable:
            "MongoDB did not answer: \(cause). \(Self.reachAdvice)"
        case .interrupted:
            "MongoDB is changing its primary or shutting down: \(message). Try again."
        case .timedOut:
            "MongoDB did not finish in time: \(message). Try again, or look for a missing index."
        case .duplicateKey:
            "A document with this key exists already: \(message)."
        case .changeStreamsUnsupported:
            "This MongoDB server has no change streams: \(message). Run it as a replica set, or poll."
        case .changeStreamLost:
            "The change stream cannot continue: \(message). Read the collection again and open a new stream."
        case .changeStreamOverflow:
            "The change stream was read too slowly: \(message). Read the collection again and open a new stream."
        case .writeConcernFailed:
            "The write was not confirmed by a majority: \(message). It may still be kept; repeat it."
        case .commandFailed(let code, let codeName):
            "MongoDB refused the command: \(message) (\(codeName.isEmpty ? "code" : codeName) \(code))."
        case .poolExhausted:
            "No MongoDB client became free: \(message). Try again, or raise the pool size."
        case .closed:
            "The MongoDB connection is closed. Open a new one."
        case .cancelled:
            "The call was cancelled before it was sent to MongoDB."
        case .invalidDocument:
            "MongoDB cannot be sent this: \(message)"
        case .resultTooLarge:
            "The result is too large: \(message). Narrow the query, or read it in batches."
        case .unexpectedReply:
            "MongoDB sent an unexpected reply: \(message). Check that the server is MongoDB 6.0 or newer."
        }
    }
}
