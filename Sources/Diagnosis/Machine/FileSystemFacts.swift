import Glibc

/// What a file system says about its space.
struct FileSystemFacts: Sendable, Hashable {
    /// What this user may still write.
    var freeBytes: UInt64
    /// Files that may still be made; `nil` where the file system has no limit.
    var freeFiles: UInt64?

    /// Asks the file system of a path, which must exist; `nil` when it does not answer the question.
    init?(path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        freeBytes = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        freeFiles = status.f_files == 0 ? nil : UInt64(status.f_favail)
    }

    init(freeBytes: UInt64, freeFiles: UInt64?) {
        self.freeBytes = freeBytes
        self.freeFiles = freeFiles
    }
}

/// Whether there is room.
enum DiskJudgement {
    static let fewBytes: UInt64 = 5 << 30
    static let tooFewBytes: UInt64 = 200 << 20
    static let fewFiles: UInt64 = 50_000
    static let tooFewFiles: UInt64 = 1000

    static func level(freeBytes: UInt64) -> Finding.Level {
        freeBytes < tooFewBytes ? .fail : freeBytes < fewBytes ? .warn : .ok
    }

    static func level(freeFiles: UInt64?) -> Finding.Level {
        guard let freeFiles else { return .ok }
        return freeFiles < tooFewFiles ? .fail : freeFiles < fewFiles ? .warn : .ok
    }

    /// Space, then files.
    static func findings(_ facts: FileSystemFacts?, _ area: Finding.Area, path: String) -> [Finding] {
        let place = ForeignText.shellWord(path)
        guard let facts else {
            let remedy = "df -h \(place)"
            return [
                Finding(area, "disk", .warn, "the file system of \(path) does not tell its free space", remedy: remedy)
            ]
        }
        let bytes = Finding(
            area,
            "disk",
            level(freeBytes: facts.freeBytes),
            "\(ByteText.text(facts.freeBytes)) free for \(path)",
            remedy: "free some space (du -xsh \(place)/*), or name a place on another disk"
        )
        let count = facts.freeFiles.map { "\($0) more files can be made" } ?? "no limit on the number of files"
        let files = Finding(
            area,
            "files",
            level(freeFiles: facts.freeFiles),
            "\(count) for \(path)",
            remedy: "delete small files (df -i \(place)), or name a place on another disk"
        )
        return [bytes, files]
    }
}
