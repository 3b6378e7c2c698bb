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
        guard Self.hasSoundHosts(raw) else {
            mongoc_uri_destroy(raw)
            throw MongoError(.malformedURI, message: "a host in it has a character that no host name has")
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
        // Whatever the URI prefers: a secondary that lags would show live experiments as gone and old leases as ours.
        let primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY)
        mongoc_uri_set_read_prefs_t(raw, primary)
        mongoc_read_prefs_destroy(primary)
        if mongoc_uri_get_appname(raw) == nil {
            mongoc_uri_set_appname(raw, options.appName)
        }
    }

    deinit {
        mongoc_uri_destroy(raw)
    }

    /// libmongoc takes nearly any text as a host, also what follows an `@` in a password that was not encoded: so the host is
    /// checked before it can stand in a message, and is not shown here either.
    private static func hasSoundHosts(_ raw: OpaquePointer) -> Bool {
        var next = mongoc_uri_get_hosts(raw)
        while let host = next {
            let bytes = withUnsafeBytes(of: host.pointee.host) { Array($0.prefix { $0 != 0 }) }
            let isSocket = bytes.first == UInt8(ascii: "/")
            let isHost = bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: ":"), UInt8(ascii: "%"):
                    true
                default: false
                }
            }
            guard !bytes.isEmpty, isSocket || isHost else { return false }
            next = UnsafePointer(host.pointee.next)
        }
        return true
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
