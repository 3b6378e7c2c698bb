import MongoTrialStore

/// Judges what the user of a connection may do by what the program at hand is for.
enum AuthorizationJudgement {
    /// - Parameter isServer: whether it is `hyperserver` that asks: a user that may only look is of use to it, not to a worker.
    static func findings(_ privileges: Privileges, database: String, isServer: Bool) -> [Finding] {
        guard !privileges.users.isEmpty else {
            let detail = "the server asks nobody for a password"
            let remedy = "let only trusted machines reach it, or start it with --auth and make a user"
            return [Finding(.store, "authentication", .warn, detail, remedy: remedy)]
        }
        let user = ForeignText.list(privileges.users)
        return [
            Finding(.store, "authentication", .ok, "logged in as \(user)"),
            authorization(privileges, database: database, isServer: isServer),
        ]
    }

    private static func authorization(_ privileges: Privileges, database: String, isServer: Bool) -> Finding {
        func lacks(_ purpose: StoreExpectation.Purpose) -> String? {
            let missing = privileges.missing(for: purpose, database: database)
            return missing.isEmpty ? nil : missing.joined(separator: "; ")
        }
        func finding(_ level: Finding.Level, _ detail: String) -> Finding {
            Finding(.store, "authorization", level, detail, remedy: StoreJudgement.grant(database))
        }
        if let missing = lacks(.looking) { return finding(.fail, "may not even look: lacks \(missing)") }
        switch (lacks(.working), lacks(.serving)) {
        case (nil, nil):
            return finding(.ok, "may do everything in \(database), for hyperserver and hyperworker")
        case (nil, let missing?):
            guard isServer else { return finding(.ok, "may do in \(database) what hyperworker needs") }
            return finding(
                .warn,
                "may look and do what hyperworker needs, not lead, steer or delete: that also needs \(missing)"
            )
        case (let missing?, nil):
            guard !isServer else {
                return finding(.ok, "may lead, steer and delete in \(database); hyperworker also needs \(missing)")
            }
            return finding(.fail, "is a server's user; hyperworker also needs \(missing)")
        case (let working?, let serving?):
            guard isServer else { return finding(.fail, "may look, but hyperworker also needs \(working)") }
            return finding(.warn, "may look (list, status, logs); hyperserver start and steering also need \(serving)")
        }
    }
}
