import BSON
import CMongoC

/// A parsed connection string with our time-outs filled in; owns one `mongoc_uri_t`.
struct MongoURI: ~Copyable {
    private let raw: OpaquePointer

    /// Parses and remembers the credentials, so that no later text shows them.
    init(_ text: String, options: MongoConnection.Options) throws(MongoError) {
        MongoRuntime.shared.hide(Credentials.secrets(in: text))
        guard !text.utf8.contains(0) else {
            throw MongoError(.malformedURI, message: "it contains a NUL character")
        }
        var error = bson_error_t()
        guard let raw = mongoc_uri_new_with_error(text, &error) else {
            throw MongoError(.malformedURI, message: error.text, code: Int(error.code), domain: Int(error.domain))
        }
        self.raw = raw
        let poolSize = min(options.maxPoolSize, Int(mongoc_uri_get_option_as_int32(raw, "maxpoolsize", Int32.max)))
        mongoc_uri_set_option_as_int32(raw, "maxpoolsize", Int32(clamping: max(1, poolSize)))
        // A time-out that the URI names wins over ours.
        let timeouts: [(String, Duration)] = [
            ("serverselectiontimeoutms", options.serverSelectionTimeout),
            ("sockettimeoutms", options.socketTimeout),
            ("connecttimeoutms", options.connectTimeout),
            ("waitqueuetimeoutms", options.waitQueueTimeout),
            ("heartbeatfrequencyms", options.heartbeatFrequency),
        ]
        for (name, duration) in timeouts where !mongoc_uri_has_option(raw, name) {
            mongoc_uri_set_option_as_int32(raw, name, Int32(clamping: max(1, duration.wholeMilliseconds)))
        }
        if mongoc_uri_get_appname(raw) == nil {
            mongoc_uri_set_appname(raw, options.appName)
        }
    }

    deinit {
        mongoc_uri_destroy(raw)
    }

    /// The number of clients a pool made from this may hold.
    var maxPoolSize: Int {
        Int(mongoc_uri_get_option_as_int32(raw, "maxpoolsize", 1))
    }

    /// The only way to the pointer: it cannot outlive the closure.
    borrowing func withHandle<Result, Failure: Error>(
        _ body: (OpaquePointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(raw)
    }
}

extension Duration {
    /// Cut to whole milliseconds.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, isOverflow) = seconds.multipliedReportingOverflow(by: 1000)
        return isOverflow ? (seconds > 0 ? .max : .min) : scaled + attoseconds / 1_000_000_000_000_000
    }
}
