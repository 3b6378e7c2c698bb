import Execution
import Foundation
import Glibc

/// An archive of this machine, ready to be unpacked.
struct CachedWorkspace: PreparedWorkspace {
    private let file: LocalArchive
    private let limits: WorkspaceLimits

    init(path: String, limits: WorkspaceLimits) {
        file = LocalArchive(path: path)
        self.limits = limits
    }

    func unpack(into directory: String) throws {
        try ArchiveReader(path: file.path, form: .ours, limits: limits).read(into: DirectoryWriter(root: directory))
    }
}

/// Holds an archive open, so that it can be read even when somebody has removed it to make room.
private final class LocalArchive: Sendable {
    private let descriptor: Int32
    private let name: String

    init(path: String) {
        name = path
        descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Opening it gives a reader of its own, from the beginning.
    var path: String { descriptor >= 0 ? "/proc/self/fd/\(descriptor)" : name }
}

/// An archive in the directory of a cache.
public struct CachedArchive: Sendable, Hashable {
    /// The name of the file.
    public var name: String
    /// Its size.
    public var bytes: Int64
    /// When it was last used, in milliseconds since 1970.
    public var usedAt: Int64

    private static let ending = ".tar.zst"

    static func name(_ stem: String) -> String { stem + ending }

    static func stem(of name: String) -> String? {
        name.hasSuffix(ending) ? String(name.dropLast(ending.count)) : nil
    }

    /// All archives of a directory, by name; nothing where there is none.
    public static func all(in directory: String) -> [CachedArchive] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.sorted().compactMap { name in
            var status = stat()
            guard stem(of: name) != nil, lstat("\(directory)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG
            else { return nil }
            let time = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
            return CachedArchive(name: name, bytes: Int64(status.st_size), usedAt: time)
        }
    }
}

/// What tells whether a file is still the one that it was.
struct FileIdentity: Hashable {
    var inode: UInt64
    var bytes: Int64

    /// `nil` when there is no such file.
    init?(of path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        inode = UInt64(status.st_ino)
        bytes = Int64(status.st_size)
    }
}
