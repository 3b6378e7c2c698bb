import Glibc

/// The `mongod` that holds a data directory, as the locks of the kernel and `/proc` show it.
struct MongodProcess: Sendable, Equatable {
    enum Holder: Sendable, Equatable {
        case nobody
        /// Started by us, for this directory.
        case ours(MongodProcess)
        /// It was killed and is on its way out, with the locks still held.
        case ending(pid: Int32)
        /// Somebody else's; nil when it lives in another container or machine.
        case foreign(pid: Int32?)
    }

    let pid: Int32
    /// In ticks since the start of the machine; with the pid, it names one process for ever.
    let startTime: UInt64
    let commandLine: MongodCommandLine

    /// Who holds the directory now.
    ///
    /// A pid from a file may belong to another program by now. So either the kernel names the holder of the lock that
    /// WiredTiger keeps, or the command line of the process must name our directory and key file.
    /// - Parameter hint: the pid of the endpoint file.
    static func holder(of directory: DataDirectory, hint: Int32?) -> Holder {
        for pid in [hint, lockFilePID(directory)] {
            guard let pid, let process = MongodProcess(pid: pid, directory: directory) else { continue }
            return .ours(process)
        }
        guard let locker = wiredTigerLocker(directory) else { return .nobody }
        guard locker > 0 else { return .foreign(pid: nil) }
        if let process = MongodProcess(pid: locker, directory: directory) { return .ours(process) }
        // A dying process loses its memory, and with it the command line, before its files.
        return arguments(of: locker) == nil ? .ending(pid: locker) : .foreign(pid: locker)
    }

    /// Nil when there is no such process, it has ended, or it is not our `mongod` of this directory.
    init?(pid: Int32, directory: DataDirectory) {
        guard pid > 0, let status = ProcessStatus(pid: pid), !status.hasEnded, let arguments = Self.arguments(of: pid),
            let commandLine = MongodCommandLine(arguments: arguments, directory: directory)
        else { return nil }
        self.pid = pid
        startTime = status.startTime
        self.commandLine = commandLine
    }

    /// Whether it still runs or is on its way out; one that has ended and was not waited for does not.
    var isAlive: Bool {
        guard let status = ProcessStatus(pid: pid), status.startTime == startTime else { return false }
        if status.hasEnded { _ = ChildProcess(pid: pid).ending() }
        return !status.hasEnded
    }

    /// Collects the exit status of a `mongod` that has ended, if it was our child; no other child is touched.
    static func collect(pid: Int32) {
        guard let status = ProcessStatus(pid: pid), status.hasEnded, status.name == "mongod" else { return }
        _ = ChildProcess(pid: pid).ending()
    }

    /// The pid that `mongod` writes into its lock file; it stays there after a crash.
    static func lockFilePID(_ directory: DataDirectory) -> Int32? {
        contents(of: directory.databasePath + "/mongod.lock").flatMap { bytes in
            Int32(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber })
        }
    }

    /// The pid of the process that has locked `WiredTiger.lock`; 0 or less when it is not visible from here.
    private static func wiredTigerLocker(_ directory: DataDirectory) -> Int32? {
        let descriptor = open(directory.databasePath + "/WiredTiger.lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var query = flock()
        query.l_type = Int16(F_WRLCK)
        query.l_whence = Int16(SEEK_SET)
        guard fcntl(descriptor, F_GETLK, &query) == 0, query.l_type != Int16(F_UNLCK) else { return nil }
        return query.l_pid
    }

    private static func arguments(of pid: Int32) -> [String]? {
        guard let bytes = contents(of: "/proc/\(pid)/cmdline"), !bytes.isEmpty else { return nil }
        return bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: PrivateFile.maximumBytes)
        let count = read(descriptor, &buffer, buffer.count)
        return count >= 0 ? Array(buffer[..<count]) : nil
    }
}
