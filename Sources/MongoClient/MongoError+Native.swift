import BSON
import CMongoC

/// Server error codes that get a kind of their own (MongoDB's `error_codes.yml`).
private enum ServerCode {
    static let unauthorized = 13
    static let authenticationFailed = 18
    static let maxTimeExpired = 50
    static let writeConcernFailed = 64
    static let unsatisfiableWriteConcern = 100
    static let duplicateKeys: Set<Int> = [11000, 11001, 12582]
    /// HostUnreachable, HostNotFound, NetworkTimeout, SocketException.
    static let unreachable: Set<Int> = [6, 7, 89, 9001]
    /// InterruptedAtShutdown, InterruptedDueToReplStateChange, NotWritablePrimary, NotPrimaryNoSecondaryOk,
    /// NotPrimaryOrSecondary, PrimarySteppedDown, ShutdownInProgress, ExceededTimeLimit, LegacyNotPrimary.
    static let interruptions: Set<Int> = [11600, 11602, 10107, 13435, 13436, 189, 91, 262, 10058]
    static let changeStreamsUnsupported = 40573
    /// CloseChangeStream, ChangeStreamFatalError, ChangeStreamHistoryLost, InvalidResumeToken.
    static let changeStreamLosses: Set<Int> = [222, 280, 286, 260]
}

extension MongoError {
    /// The meaning of libmongoc's error (error API version 2) and of the server's reply, when there is one.
    init(_ error: bson_error_t, reply: BSONDocument?) {
        let labels = reply?["errorLabels"]?.asArray?.compactMap(\.asString) ?? []
        let codeName = reply?["codeName"]?.asString ?? ""
        let code = Int(error.code)
        let domain = Int(error.domain)
        let kind: Kind =
            switch mongoc_error_domain_t(rawValue: error.domain) {
            case MONGOC_ERROR_SERVER, MONGOC_ERROR_WRITE_CONCERN:
                Self.kind(
                    serverCode: code,
                    codeName: codeName,
                    isWriteConcern: mongoc_error_domain_t(rawValue: error.domain) == MONGOC_ERROR_WRITE_CONCERN
                )
            case MONGOC_ERROR_CLIENT where error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE.rawValue,
                MONGOC_ERROR_SCRAM, MONGOC_ERROR_SASL:
                .authenticationFailed
            case MONGOC_ERROR_STREAM, MONGOC_ERROR_SERVER_SELECTION: .unavailable
            case MONGOC_ERROR_POOL: .poolExhausted
            case MONGOC_ERROR_BSON: .invalidDocument
            case MONGOC_ERROR_COMMAND where error.code == MONGOC_ERROR_COMMAND_INVALID_ARG.rawValue: .invalidDocument
            case MONGOC_ERROR_CURSOR where error.code == MONGOC_ERROR_CHANGE_STREAM_NO_RESUME_TOKEN.rawValue:
                .changeStreamLost
            default: .commandFailed(code: code, codeName: codeName)
            }
        self.init(kind, message: error.text, code: code, domain: domain, labels: labels)
    }

    /// The meaning of one entry of `writeErrors`, or of `writeConcernError`.
    init(writeError entry: BSONDocument, labels: [String], isWriteConcern: Bool) {
        let code = entry["code"]?.asInt ?? 0
        self.init(
            Self.kind(serverCode: code, codeName: entry["codeName"]?.asString ?? "", isWriteConcern: isWriteConcern),
            message: entry["errmsg"]?.asString ?? "",
            code: code,
            domain: Int((isWriteConcern ? MONGOC_ERROR_WRITE_CONCERN : MONGOC_ERROR_SERVER).rawValue),
            labels: labels
        )
    }

    private static func kind(serverCode code: Int, codeName: String, isWriteConcern: Bool) -> Kind {
        switch code {
        case ServerCode.unauthorized: .notAuthorized
        case ServerCode.authenticationFailed: .authenticationFailed
        case ServerCode.maxTimeExpired: .timedOut
        case ServerCode.changeStreamsUnsupported: .changeStreamsUnsupported
        case _ where ServerCode.duplicateKeys.contains(code): .duplicateKey
        case _ where ServerCode.interruptions.contains(code): .interrupted
        case _ where ServerCode.unreachable.contains(code): .unavailable
        case _ where ServerCode.changeStreamLosses.contains(code): .changeStreamLost
        case ServerCode.writeConcernFailed, ServerCode.unsatisfiableWriteConcern: .writeConcernFailed
        case _ where isWriteConcern: .writeConcernFailed
        default: .commandFailed(code: code, codeName: codeName)
        }
    }
}
