import Glibc

/// Where one embedded store keeps everything: data, key, locks, log and endpoint file.
public struct DataDirectory: Sendable, Hashable {
    /// The absolute path; symbolic links are resolved by `create`.
    public let path: String

    /// The directory at this path; a relative path counts from the current directory.
    public init(_ path: String) {
        var absolute = path
        if !path.hasPrefix("/"), let current = getcwd(nil, 0) {
            absolute = String(cString: current) + "/" + path
            free(current)
        }
        while absolute.count > 1, absolute.hasSuffix("/") { absolute.removeLast() }
        self.path = absolute
    }

    /// `$XDG_DATA_HOME/hyper`, or `~/.local/share/hyper`.
    ///
    /// A relative `XDG_DATA_HOME` is ignored, as its specification demands.
    /// - Throws: `EmbeddedMongoError.noDataDirectory` when `HOME` is needed and not set.
    public static func standard(environment: [String: String]) throws(EmbeddedMongoError) -> DataDirectory {
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") { return DataDirectory(base + "/hyper") }
        guard let home = environment["HOME"], home.hasPrefix("/") else { throw .noDataDirectory }
        return DataDirectory(home + "/.local/share/hyper")
    }

    /// Address and password of the running store, 0600.
    public var endpointFile: String { path + "/endpoint.json" }
    /// Held shared by everyone who uses the store.
    public var usersLock: String { path + "/users.lock" }
    /// Held exclusively by whoever starts or stops the store.
    public var startLock: String { path + "/start.lock" }
    /// The `dbpath`.
    public var databasePath: String { path + "/mongo" }
    /// The key file of the replica set, 0600.
    public var keyFile: String { path + "/mongod.key" }
    /// What `mongod` prints.
    public var logFile: String { path + "/mongod.log" }
    /// Where `scripts/setup` puts a `mongod`.
    public var bundledMongod: String { path + "/bin/mongod" }

    /// Makes the directory (0700) and its `mongo` folder, and checks that it can be used.
    ///
    /// - Returns: the same directory without symbolic links, so that two ways to it compare equal.
    /// - Throws: `EmbeddedMongoError.dataDirectoryUnusable`.
    public func create() throws(EmbeddedMongoError) -> DataDirectory {
        try Self.makeDirectory(path)
        guard let resolved = realpath(path, nil) else { throw Self.unusable(path) }
        let directory = DataDirectory(String(cString: resolved))
        free(resolved)
        var status = stat()
        guard stat(directory.path, &status) == 0 else { throw Self.unusable(path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .dataDirectoryUnusable(path: path, .notADirectory) }
        guard status.st_mode & 0o022 == 0 else { throw .dataDirectoryUnusable(path: path, .writableByOthers) }
        // As root, access() says yes to a read-only mount's directory bits but still reports EROFS.
        guard access(directory.path, R_OK | W_OK | X_OK) == 0 else { throw Self.unusable(path) }
        try Self.makeDirectory(directory.databasePath)
        return directory
    }

    /// `mkdir -p` with mode 0700 for every new part.
    private static func makeDirectory(_ path: String) throws(EmbeddedMongoError) {
        if mkdir(path, 0o700) == 0 { return }
        let code = errno
        switch code {
        case EEXIST:
            var status = stat()
            guard stat(path, &status) == 0 else { throw unusable(path) }
            guard status.st_mode & S_IFMT == S_IFDIR else { throw .dataDirectoryUnusable(path: path, .notADirectory) }
        case ENOENT:
            guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw unusable(path, code) }
            let parent = String(path[..<slash])
            var status = stat()
            // A parent that exists and still answers ENOENT cannot hold directories (/proc does so).
            guard stat(parent, &status) != 0 else { throw unusable(path, EROFS) }
            try makeDirectory(parent)
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
                let last = errno
                throw unusable(path, last == ENOENT ? EROFS : last)
            }
        default:
            throw unusable(path, code)
        }
    }

    static func unusable(_ path: String, _ code: Int32 = errno) -> EmbeddedMongoError {
        .dataDirectoryUnusable(path: path, DataDirectoryProblem(errno: code))
    }
}
