import CMongoC

/// What a connection string says about where to go and as whom.
public struct ConnectionString: Sendable, Equatable {
    /// `host:port` of each server that it names; none for `mongodb+srv`, which a name server would have to tell.
    public let hosts: [String]
    /// The name of the replica set.
    public let replicaSet: String?
    /// The user, decoded.
    public let user: String?
    /// The password, decoded; never to be logged.
    public let password: String?
    /// The database that knows the user.
    public let authSource: String

    /// Reads a connection string; asks neither a server nor a name server.
    /// - Throws: `malformedURI`.
    public init(_ text: String) throws(MongoError) {
        guard !text.hasPrefix("mongodb+srv://") else {
            throw MongoError(.malformedURI, message: "mongodb+srv names no hosts by itself")
        }
        let uri = try MongoURI(text, options: MongoConnection.Options())
        self = uri.withHandle { raw in
            var hosts: [String] = []
            var next = mongoc_uri_get_hosts(raw)
            while let host = next {
                let bytes = withUnsafeBytes(of: host.pointee.host_and_port) { Array($0.prefix { $0 != 0 }) }
                hosts.append(String(decoding: bytes, as: UTF8.self))
                next = UnsafePointer(host.pointee.next)
            }
            return ConnectionString(
                hosts: hosts,
                replicaSet: mongoc_uri_get_replica_set(raw).map { String(cString: $0) },
                user: mongoc_uri_get_username(raw).map { String(cString: $0) },
                password: mongoc_uri_get_password(raw).map { String(cString: $0) },
                authSource: mongoc_uri_get_auth_source(raw).map { String(cString: $0) } ?? "admin"
            )
        }
    }

    private init(hosts: [String], replicaSet: String?, user: String?, password: String?, authSource: String) {
        self.hosts = hosts
        self.replicaSet = replicaSet
        self.user = user
        self.password = password
        self.authSource = authSource
    }
}

extension ConnectionString: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The hosts alone, so that it may appear in a log line by mistake.
    public var description: String { hosts.joined(separator: ",") }
    /// The hosts alone.
    public var debugDescription: String { description }
    /// The hosts alone.
    public var customMirror: Mirror { Mirror(self, children: ["hosts": hosts]) }
}
