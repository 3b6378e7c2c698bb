import ExperimentModel
import Glibc

/// The results of one worker on disk, `<work directory>/spool/<pid>-<bits>/`, and the right to them.
///
/// The directory of a worker that lives is its own; of one that is gone, it is whoever's takes the lock.
public final class SpoolDirectory: Sendable {
    /// Name of the directory of all workers, in the work directory.
    public static let parentName = "spool"
    static let lockName = "lock"
    static let resultSuffix = ".json"
    static let temporarySuffix = ".new"
    static let badSuffix = ".bad"
    /// Times that a directory is made again when somebody removed it meanwhile.
    static let largestMakeCount = 16
    /// Files of one worker that are looked at; a worker has at most one for each slot.
    static let largestFileCount = 10_000

    /// Where it is.
    public let path: String
    private let lock: SpoolLock

    private init(_ path: String, _ lock: SpoolLock) {
        self.path = path
        self.lock = lock
    }

    /// Makes the directory of a worker.
    static func make(in workDirectory: String, worker: WorkerID) throws(SpoolError) -> SpoolDirectory {
        let parent = "\(workDirectory)/\(parentName)"
        let path = "\(parent)/\(name(of: worker))"
        for _ in 0..<largestMakeCount {
            for place in [parent, path] where mkdir(place, 0o700) != 0 && errno != EEXIST {
                throw .system(path: place, code: errno)
            }
            if let lock = try SpoolLock.take(path) { return SpoolDirectory(path, lock) }
        }
        throw .system(path: path, code: EBUSY)
    }

    /// Takes the directory of a worker that is gone. - Returns: `nil` while the worker lives, or another has taken it.
    static func takeOver(_ path: String) throws(SpoolError) -> SpoolDirectory? {
        try SpoolLock.take(path).map { SpoolDirectory(path, $0) }
    }

    /// Directories of all workers, by name.
    static func all(in workDirectory: String) -> [String] {
        let parent = "\(workDirectory)/\(parentName)"
        return DirectoryNames.all(in: parent).filter { !$0.hasPrefix(".") }.map { "\(parent)/\($0)" }.filter { path in
            var status = stat()
            return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
    }

    /// Every result that is there whole, by name.
    public var results: [SpoolFile] {
        DirectoryNames.all(in: path).filter { $0.hasSuffix(Self.resultSuffix) }.prefix(Self.largestFileCount)
            .map { SpoolFile(directory: path, name: $0) }
    }

    /// Removes what was begun and never finished and, if no result is left, the directory; then nobody may use it any more.
    func removeIfEmpty() {
        for name in DirectoryNames.all(in: path) where name.hasSuffix(Self.temporarySuffix) {
            unlink("\(path)/\(name)")
        }
        guard DirectoryNames.all(in: path).allSatisfy({ $0 == Self.lockName }) else { return }
        unlink("\(path)/\(Self.lockName)")
        rmdir(path)
    }

    /// `1234-0123456789abcdef`: the process and the random bits of its id, without its host, which may hold anything.
    static func name(of worker: WorkerID) -> String {
        let parts = worker.rawValue.split(separator: ":", omittingEmptySubsequences: false).suffix(2)
        let bytes = parts.joined(separator: "-").utf8.map { SpooledResult.isSafe($0) ? $0 : UInt8(ascii: "_") }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }
}
