import BSON

/// What a `mongod` needs next to become the writable primary of a set of its own; decided from its answers alone.
enum ReplicaSetStep: Sendable, Equatable {
    /// It is the primary.
    case none
    /// It has no configuration yet.
    case initiate
    /// Its configuration names another port.
    case reconfigure(version: Int)
    /// An election or a start is under way.
    case wait

    /// - Parameters:
    ///   - hello: the reply to `hello`.
    ///   - configuration: the `config` of `replSetGetConfig`, nil when the server says that there is none.
    ///   - member: `host:port` of the only member.
    static func next(hello: BSONDocument, configuration: BSONDocument?, member: String) -> ReplicaSetStep {
        guard let configuration else { return .initiate }
        let hosts = (configuration["members"]?.asArray ?? []).map { $0.asDocument?["host"]?.asString }
        guard hosts == [member] else { return .reconfigure(version: (configuration["version"]?.asInt ?? 0) + 1) }
        return hello["isWritablePrimary"]?.asBool == true ? .none : .wait
    }
}
