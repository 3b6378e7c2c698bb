import BSON

/// What the user of a connection may do, as `connectionStatus` tells it.
struct Privileges: Sendable, Hashable {
    /// One rule: actions on a resource.
    struct Rule: Sendable, Hashable {
        /// Empty means any database.
        var database: String?
        /// Empty means any collection that is not the system's own.
        var collection: String?
        /// Every resource of the server.
        var isAnyResource = false
        var actions: Set<String>

        func covers(_ database: String, _ collection: String) -> Bool {
            if isAnyResource { return true }
            guard let ruleDatabase = self.database, let ruleCollection = self.collection else { return false }
            return (ruleDatabase.isEmpty || ruleDatabase == database)
                && (ruleCollection.isEmpty || ruleCollection == collection)
        }
    }

    /// What reading and writing trials takes, on every collection.
    static let collectionActions: Set<String> = ["find", "insert", "update", "remove", "createIndex"]
    /// What watching takes, on the database as a whole.
    static let databaseActions: Set<String> = ["find", "changeStream"]

    /// Who is logged in, as `name@database`.
    var users: [String]
    var rules: [Rule]

    init(users: [String], rules: [Rule]) {
        self.users = users
        self.rules = rules
    }

    /// Reads the reply to `connectionStatus` with `showPrivileges`.
    init(reply: BSONDocument) {
        users = (reply.value(at: "authInfo.authenticatedUsers")?.asArray ?? []).compactMap { entry in
            guard let user = entry.asDocument, let name = user["user"]?.asString else { return nil }
            return "\(name)@\(user["db"]?.asString ?? "?")"
        }
        rules = (reply.value(at: "authInfo.authenticatedUserPrivileges")?.asArray ?? []).compactMap { entry in
            guard let rule = entry.asDocument, let resource = rule["resource"]?.asDocument else { return nil }
            return Rule(
                database: resource["db"]?.asString,
                collection: resource["collection"]?.asString,
                isAnyResource: resource["anyResource"]?.asBool ?? false,
                actions: Set((rule["actions"]?.asArray ?? []).compactMap(\.asString))
            )
        }
    }

    /// What is missing, such as `insert on hyper.jobs`; each action once, with the collections it is missing on.
    func missing(database: String, collections: [String]) -> [String] {
        var lacks: [(action: String, place: String)] = []
        for collection in collections {
            let allowed = actions(database, collection)
            lacks += Self.collectionActions.subtracting(allowed).map { ($0, "\(database).\(collection)") }
        }
        let allowed = actions(database, "")
        lacks += Self.databaseActions.subtracting(allowed).map { ($0, database) }
        return Dictionary(grouping: lacks, by: \.action).sorted { $0.key < $1.key }.map { action, lacks in
            "\(action) on \(lacks.map(\.place).joined(separator: ", "))"
        }
    }

    private func actions(_ database: String, _ collection: String) -> Set<String> {
        rules.filter { $0.covers(database, collection) }.reduce(into: []) { $0.formUnion($1.actions) }
    }
}
