/// Why a `mongod` of the user's cannot be set up; every message says what to do.
public enum ServerSetupError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The connection string does not say everything that is needed.
    case incompleteURI(String)
    /// The key file cannot be used.
    case keyFile(path: String, reason: String)
    /// The server does not take the key.
    case keyRefused(member: String)
    /// The server was started without a replica set.
    case notReplicated(member: String, replicaSet: String)
    /// The server belongs to a set that has other members.
    case otherConfiguration(member: String)
    /// It did not get there in time.
    case timedOut(member: String, after: Duration, doing: String)
    /// All is done, and yet the connection string does not open the server.
    case unusable(String)

    /// Whether what the user gave is wrong, rather than the server.
    public var isUsage: Bool {
        switch self {
        case .incompleteURI, .keyFile: true
        default: false
        }
    }

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .incompleteURI(let what):
            "The URI \(what). Write it as mongodb://USER:PASSWORD@HOST:27017/?replicaSet=NAME with the one host that is to "
                + "become the replica set."
        case .keyFile(let path, let reason):
            "\(path) cannot be used as --key-file: \(reason). Give the file that mongod got as --keyFile, readable by you alone."
        case .keyRefused(let member):
            "\(member) refuses the key. Start its mongod with --keyFile, and with the same key as --key-file."
        case .notReplicated(let member, let replicaSet):
            "\(member) was started without a replica set. Start its mongod with --replSet \(replicaSet)."
        case .otherConfiguration(let member):
            "The server belongs to a replica set already whose only member is not \(member), and was left as it is. "
                + "Add the user there by its own tools, or give the URI the name under which the set knows it."
        case .timedOut(let member, let delay, let doing):
            "\(member) was not ready after \(delay) (\(doing)). Check host and port in the URI, that mongod is up, and that "
                + "it can reach itself by that name; then try again."
        case .unusable(let reason):
            "The server is set up, and yet the URI does not open it: \(reason)"
        }
    }
}
