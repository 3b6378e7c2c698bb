/// Where to look for `mongod`, kept until one is needed: using a store that runs takes none.
public struct MongodLookup: Sendable {
    /// The `--mongod` flag.
    public var explicit: String?
    /// `HYPER_MONGOD`, `PATH`, `XDG_DATA_HOME` and `HOME` count; `mongod` inherits only a few harmless variables.
    public var environment: [String: String]

    /// Looks at the flag first, then at what the environment names.
    public init(explicit: String?, environment: [String: String]) {
        self.explicit = explicit
        self.environment = environment
    }

    func find(timeout: Duration) async throws -> MongodBinary {
        try await MongodBinary.find(explicit: explicit, environment: environment, timeout: timeout)
    }
}
