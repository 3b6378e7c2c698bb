import BSON

/// What a `mongod` that was started with a key file has to become.
struct StorePlan: Sendable {
    /// Reading and writing every database, indexes, and looking at the server; not users, not the set's configuration.
    static let embeddedRoles: [BSONValue] = ["readWriteAnyDatabase", "dbAdminAnyDatabase", "clusterMonitor"]

    /// `host:port`: the only member of the replica set, and where it is reached.
    let member: String
    /// The name of the replica set.
    let replicaSet: String
    /// The database that knows the user.
    let userDatabase: String
    /// What the user may do.
    let roles: [BSONValue]
    /// The port on loopback of a server that is ours alone; nil for one of the user's.
    let ownPort: Int?

    /// A configuration with another address is replaced then, and so are the roles of the user; elsewhere the configuration
    /// stays as it is, and roles are only added.
    var isOurs: Bool { ownPort != nil }

    /// The embedded store on this port.
    static func embedded(port: Int) -> StorePlan {
        StorePlan(
            member: "\(LoopbackPort.host):\(port)",
            replicaSet: MongodCommandLine.replicaSetName,
            userDatabase: "admin",
            roles: embeddedRoles,
            ownPort: port
        )
    }
}
