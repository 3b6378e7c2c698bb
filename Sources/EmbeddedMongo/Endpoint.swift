/// Address, credentials and process of the running store: the content of the endpoint file.
public struct Endpoint: Sendable, Equatable, Codable {
    /// Whether replica set and user are there; a store that is just starting has an endpoint without them.
    public internal(set) var isReady: Bool
    /// Where local programs connect to; always loopback.
    public internal(set) var host: String
    /// The TCP port.
    public internal(set) var port: Int
    /// The user that was made for all programs of the store.
    public internal(set) var user: String
    /// The generated password; never to be logged.
    public internal(set) var password: String
    /// The name of the replica set.
    public internal(set) var replicaSet: String
    /// The process of `mongod`, 0 when none runs or it is not known yet.
    public internal(set) var pid: Int32
    /// The release of MongoDB.
    public internal(set) var version: String
    /// The machine that runs it, for messages: a data directory may lie on a shared disk.
    public internal(set) var machine: String
    /// Set while the store is open to other nodes.
    public internal(set) var listening: StoreListening?

    /// For programs on this machine; contains the password.
    public var uri: String {
        uri(host: host, options: "replicaSet=\(Self.escaped(replicaSet))", password: Self.escaped(password))
    }

    /// `uri` without the password, for people and logs.
    public var redactedURI: String {
        uri(host: host, options: "replicaSet=\(Self.escaped(replicaSet))", password: "***")
    }

    /// For programs on other nodes, nil while the store is on loopback only; contains the password.
    ///
    /// The replica set knows itself by its loopback address, so others connect directly.
    public var advertisedURI: String? {
        listening.map { uri(host: $0.uriHost, options: "directConnection=true", password: Self.escaped(password)) }
    }

    /// `advertisedURI` without the password.
    public var redactedAdvertisedURI: String? {
        listening.map { uri(host: $0.uriHost, options: "directConnection=true", password: "***") }
    }

    private func uri(host: String, options: String, password: String) -> String {
        "mongodb://\(Self.escaped(user)):\(password)@\(host):\(port)/?authSource=admin&\(options)"
    }

    /// Everything but the unreserved characters of RFC 3986 as `%XX`.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result.append("%")
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
    }
}

extension Endpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the password, so that an endpoint may appear in a log line by mistake.
    public var description: String { redactedURI }
    /// Without the password.
    public var debugDescription: String { redactedURI }
    /// Without the password.
    public var customMirror: Mirror { Mirror(self, children: ["uri": redactedURI, "pid": pid]) }
}
