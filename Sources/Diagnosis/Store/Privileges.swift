import BSON
import MongoTrialStore

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

    /// What is missing for a purpose, such as `insert on hyper.jobs`; each action once, with the places it is missing on.
    func missing(for purpose: StoreExpectation.Purpose, database: String) -> [String] {
        let lacks = purpose.actions.flatMap { collection, wanted in
            let place = collection.isEmpty ? database : "\(database).\(collection)"
            return wanted.subtracting(actions(database, collection)).map { (action: $0, place: place) }
        }
        return Dictionary(grouping: lacks, by: \.action).sorted { $0.key < $1.key }.map { action, lacks in
            "\(action) on \(lacks.map(\.place).sorted().joined(separator: ", "))"
        }
    }

    /// Whether everything of `wanted` is allowed on a collection.
    func allow(_ wanted: Set<String>, on collection: String, of database: String) -> Bool {
        users.isEmpty || wanted.isSubset(of: actions(database, collection))
    }

    private func actions(_ database: String, _ collection: String) -> Set<String> {
        rules.filter { $0.covers(database, collection) }.reduce(into: []) { $0.formUnion($1.actions) }
    }
}
