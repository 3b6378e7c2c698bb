import Glibc

/// What an embedded store looks like from outside: read, nothing made, locked or started.
public struct EmbeddedStoreInspection: Sendable {
    /// The data directory.
    public enum Place: Sendable, Equatable {
        /// It is there and can be used.
        case usable(mode: Int)
        /// It is not there yet, and can be made.
        case canBeMade
        /// It cannot be used.
        case refused(EmbeddedMongoError)
    }

    /// Who holds the data files.
    public enum Holder: Sendable, Equatable {
        /// No `mongod` runs.
        case nobody
        /// A `mongod` that was started for this directory.
        case running(pid: Int32, port: Int)
        /// One that is on its way out.
        case ending(pid: Int32)
        /// Somebody else's `mongod`; nil when it is in another container or on another machine.
        case foreign(pid: Int32?)
    }

    /// A process that holds a lock of the store.
    public struct LockHolder: Sendable, Hashable {
        /// Its process id.
        public let pid: Int32
        /// The name of its program, or a question mark.
        public let program: String

        /// A process and the name of its program.
        public init(pid: Int32, program: String) {
            self.pid = pid
            self.program = program
        }
    }

    /// The directory without symbolic links, where it is there.
    public let directory: DataDirectory
    /// The data directory.
    public let place: Place
    /// The endpoint file: nil when there is none, the reason when it is refused.
    public let endpoint: Result<Endpoint?, EmbeddedMongoError>
    /// Who holds the data files.
    public let holder: Holder
    /// Whether somebody accepts connections on the port of the `mongod` that runs.
    public let acceptsConnections: Bool
    /// Who uses the store.
    public let users: [LockHolder]
    /// Who starts or stops it at the moment.
    public let starters: [LockHolder]

    /// Looks at a directory; blocks for the file system.
    public init(_ directory: DataDirectory) {
        var resolved = directory
        if let path = realpath(directory.path, nil) {
            resolved = DataDirectory(String(cString: path))
            free(path)
        }
        self.directory = resolved
        place = Self.place(of: resolved)
        guard case .usable = place else {
            endpoint = .success(nil)
            holder = .nobody
            acceptsConnections = false
            users = []
            starters = []
            return
        }
        do throws(EmbeddedMongoError) {
            endpoint = .success(try EndpointFile.read(resolved))
        } catch {
            endpoint = .failure(error)
        }
        let hint: Int32? = if case .success(let known) = endpoint { known?.pid } else { nil }
        switch MongodProcess.holder(of: resolved, hint: hint) {
        case .nobody: holder = .nobody
        case .ours(let process): holder = .running(pid: process.pid, port: process.commandLine.port)
        case .ending(let pid): holder = .ending(pid: pid)
        case .foreign(let pid): holder = .foreign(pid: pid)
        }
        acceptsConnections = if case .running(_, let port) = holder { LoopbackPort.accepts(port) } else { false }
        let table = MongodProcess.contents(of: "/proc/locks").map { String(decoding: $0, as: UTF8.self) } ?? ""
        users = Self.holders(of: resolved.usersLock, table: table)
        starters = Self.holders(of: resolved.startLock, table: table)
    }

    private static func place(of directory: DataDirectory) -> Place {
        let path = directory.path
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { return .refused(DataDirectory.unusable(path)) }
            return parentTakesDirectories(path)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return .refused(.dataDirectoryUnusable(path: path, .notADirectory))
        }
        guard status.st_mode & 0o022 == 0 else {
            return .refused(.dataDirectoryUnusable(path: path, .writableByOthers))
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else { return .refused(DataDirectory.unusable(path)) }
        return .usable(mode: Int(status.st_mode & 0o7777))
    }

    private static func parentTakesDirectories(_ path: String) -> Place {
        var parent = path
        var status = stat()
        repeat {
            guard let slash = parent.lastIndex(of: "/") else { return .canBeMade }
            parent = slash == parent.startIndex ? "/" : String(parent[..<slash])
        } while parent != "/" && stat(parent, &status) != 0 && errno == ENOENT
        guard stat(parent, &status) == 0 else { return .refused(DataDirectory.unusable(path)) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return .refused(.dataDirectoryUnusable(path: path, .notADirectory))
        }
        return access(parent, W_OK | X_OK) == 0 ? .canBeMade : .refused(DataDirectory.unusable(path))
    }

    // MARK: Locks

    private static func holders(of path: String, table: String) -> [LockHolder] {
        var status = stat()
        guard stat(path, &status) == 0 else { return [] }
        return lockHolders(inode: UInt64(status.st_ino), table: table).map { pid in
            LockHolder(pid: pid, program: ProcessStatus(pid: pid)?.name ?? "?")
        }
    }

    /// Processes with a `flock` on a file, by the text of `/proc/locks` (proc(5)).
    ///
    /// Only the inode is compared: some file systems show another device there than `stat` does.
    static func lockHolders(inode: UInt64, table: String) -> [Int32] {
        let pids: [Int32] = table.split(separator: "\n").compactMap { line in
            // `3: FLOCK  ADVISORY  READ 1234 08:01:56789 0 EOF`; waiting ones have `->` as second word.
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[1] == "FLOCK", let pid = Int32(fields[4]), pid > 0,
                fields[5].split(separator: ":").last.flatMap({ UInt64($0) }) == inode
            else { return nil }
            return pid
        }
        return Set(pids).sorted()
    }
}
