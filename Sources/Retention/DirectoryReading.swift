import ExperimentModel
import Glibc
import ResultSpool

/// Looks at directories without following links.
enum DirectoryReading {
    /// What is known of an entry itself, be it a link.
    static func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    static func isDirectory(_ path: String) -> Bool { (status(path)?.st_mode ?? 0) & S_IFMT == S_IFDIR }

    static func changeTime(_ status: stat) -> Timestamp {
        Timestamp(milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
    }

    /// Bytes on the disk of everything below a directory, and the time of the last change of anything there.
    static func measure(_ path: String, limit: Int) -> (bytes: Int64, changedAt: Timestamp) {
        var bytes: Int64 = 0
        var newest = Timestamp(milliseconds: 0)
        var count = 0
        var pending = [path]
        while let next = pending.popLast(), count < limit {
            guard let own = status(next) else { continue }
            count += 1
            newest = max(newest, changeTime(own))
            switch own.st_mode & S_IFMT {
            case S_IFDIR: pending += DirectoryNames.all(in: next).map { "\(next)/\($0)" }
            // Whole blocks would count the holes of sparse files as nothing, and small files as more than they are.
            case S_IFREG: bytes += Int64(own.st_size)
            default: break
            }
        }
        return (bytes, newest)
    }
}
