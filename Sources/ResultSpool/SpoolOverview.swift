public import ExperimentModel
import Glibc

/// What waits in the spool of a host, for people and for cleaning up.
public struct SpoolOverview: Sendable, Hashable {
    /// A file with a result.
    public struct Entry: Sendable, Hashable {
        /// Directory of its worker and its own name, below the spool.
        public var name: String
        /// The process that made it.
        public var processID: Int32
        /// Its size.
        public var bytes: Int64
        /// When it was written, by this host's clock.
        public var changedAt: Timestamp
        /// Whether its worker lives, or another is delivering it.
        public var isInUse: Bool
        /// Whether it could not be read and was set aside.
        public var isBad: Bool

        /// An entry.
        public init(
            name: String,
            processID: Int32,
            bytes: Int64,
            changedAt: Timestamp,
            isInUse: Bool,
            isBad: Bool
        ) {
            self.name = name
            self.processID = processID
            self.bytes = bytes
            self.changedAt = changedAt
            self.isInUse = isInUse
            self.isBad = isBad
        }
    }

    /// Every file, by name.
    public var entries: [Entry] = []

    /// Looks at the spool in a work directory, which need not exist; changes nothing.
    public init(of workDirectory: String) {
        for directory in SpoolDirectory.all(in: workDirectory) {
            let isInUse = SpoolLock.isTaken(directory)
            let worker = directory.split(separator: "/").last.map(String.init) ?? ""
            for name in DirectoryNames.all(in: directory) where name != SpoolDirectory.lockName {
                var status = stat()
                guard lstat("\(directory)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
                let time = status.st_mtim
                entries.append(
                    Entry(
                        name: "\(worker)/\(name)",
                        processID: worker.split(separator: "-").first.flatMap { Int32($0) } ?? 0,
                        bytes: Int64(status.st_size),
                        changedAt: Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000),
                        isInUse: isInUse,
                        isBad: name.hasSuffix(SpoolDirectory.badSuffix)
                    )
                )
            }
        }
    }

    /// Removes a file unless it is in use, and the directory of its worker with the last. - Returns: why it is left, or `nil`.
    public static func remove(_ name: String, in workDirectory: String) -> String? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }) else {
            return "\(name) is no name of ours"
        }
        let directory = "\(workDirectory)/\(SpoolDirectory.parentName)/\(parts[0])"
        do {
            guard let own = try SpoolDirectory.takeOver(directory) else { return "\(directory): its worker lives" }
            defer { own.removeIfEmpty() }
            guard unlink("\(directory)/\(parts[1])") != 0, errno != ENOENT else { return nil }
            return "\(directory)/\(parts[1]): \(String(cString: strerror(errno)))"
        } catch {
            return "\(error)"
        }
    }
}
