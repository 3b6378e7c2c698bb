import CMongoC
import Logging
import Synchronization

/// What libmongoc has once per process: its initialisation and its log; and the secrets that no text may show.
final class MongoRuntime: Sendable {
    static let shared = MongoRuntime()

    /// Apart from `shared`, because libmongoc may log while `shared` is being made.
    private static let lines = LogLines()

    private init() {
        // The handler comes first: mongoc_init itself may log.
        mongoc_log_set_handler(
            { level, domain, message, _ in
                MongoRuntime.lines.write(
                    Logger.Level(level),
                    domain: domain.map { String(cString: $0) } ?? "mongoc",
                    message: message.map { String(cString: $0) } ?? ""
                )
            },
            nil
        )
        mongoc_init()
    }

    /// Sends the lines of libmongoc to this logger from now on; the latest logger wins.
    func use(_ logger: Logger) {
        Self.lines.use(logger)
    }

    /// Remembers text, such as a password, that must never appear in a log line or an error.
    func hide(_ secrets: Set<String>) {
        Self.lines.hide(secrets)
    }

    /// The text without the secrets of any URI seen so far and without the user part of any URI in it.
    func redacting(_ text: String) -> String {
        Self.lines.redacting(text)
    }
}

/// The way of libmongoc's lines to a logger, past the secrets that no line may show.
final class LogLines: Sendable {
    private struct State {
        var logger: Logger?
        var secrets: Set<String> = []
    }

    private let state = Mutex(State())

    func use(_ logger: Logger) {
        state.withLock { $0.logger = logger }
    }

    func hide(_ secrets: Set<String>) {
        state.withLock { $0.secrets.formUnion(secrets) }
    }

    func redacting(_ text: String) -> String {
        Credentials.redact(text, secrets: state.withLock { $0.secrets })
    }

    func write(_ level: Logger.Level, domain: String, message: String) {
        guard let logger = state.withLock({ $0.logger }) else { return }
        logger.log(level: level, "\(redacting(message))", metadata: ["libmongoc": "\(domain)"])
    }
}

extension Logger.Level {
    /// Whatever fails also reaches the caller as an error, so nothing of libmongoc is louder than a warning, and its
    /// warnings, which say the same before, are for whoever looks closer.
    fileprivate init(_ level: mongoc_log_level_t) {
        self =
            switch level {
            case MONGOC_LOG_LEVEL_ERROR, MONGOC_LOG_LEVEL_CRITICAL: .warning
            case MONGOC_LOG_LEVEL_WARNING, MONGOC_LOG_LEVEL_MESSAGE, MONGOC_LOG_LEVEL_INFO: .info
            case MONGOC_LOG_LEVEL_DEBUG: .debug
            default: .trace
            }
    }
}
