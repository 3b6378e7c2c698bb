public import ArgumentParser

/// Where the store is: the options that every program and command shares.
///
/// Each is looked for in this order: flag, environment (`HYPER_…`), endpoint file of the embedded store, default.
public struct StoreOptions: ParsableArguments, Sendable {
    /// A MongoDB connection string.
    @Option(
        help: ArgumentHelp(
            "MongoDB URI of a server of your own; without one, the embedded store is used. Also HYPER_MONGO_URI.",
            valueName: "uri"
        )
    )
    public var mongo: String?

    /// A file with a MongoDB connection string.
    @Option(
        name: .customLong("mongo-uri-file"),
        help: ArgumentHelp(
            "A file that holds the URI, readable by you alone. Also HYPER_MONGO_URI_FILE.",
            valueName: "file"
        ),
        completion: .file()
    )
    public var mongoURIFile: String?

    /// The database.
    @Option(help: ArgumentHelp("Name of the database (default: hyper). Also HYPER_DATABASE.", valueName: "name"))
    public var database: String?

    /// Where the embedded store lives.
    @Option(
        help: ArgumentHelp(
            "Directory of the embedded store (default: $XDG_DATA_HOME/hyper or ~/.local/share/hyper). Also HYPER_DATA_DIR.",
            valueName: "dir"
        ),
        completion: .directory
    )
    public var dataDir: String?

    /// Without options.
    public init() {}
}
