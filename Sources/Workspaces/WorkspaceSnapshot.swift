public import ExperimentModel
import Foundation
import Glibc

/// What the files of a workspace are at one moment.
public struct WorkspaceSnapshot: Sendable {
    /// The hash, the number of files and their bytes.
    public let content: WorkspaceSpecification.Content
    /// The hash alone.
    public let hash: String
    /// The largest files and directories.
    public let largest: [LargeEntry]
    /// Files and directories that were left out by rules.
    public let ignoredCount: Int
    /// The archive of them, if one was asked for.
    public let archive: String?
    /// Keeps the archive.
    private let place: TemporaryDirectory?

    /// Looks at a directory or an archive of this machine. Blocks.
    /// - Parameters:
    ///   - path: absolute.
    ///   - isPacked: whether to make an archive too, which lives as long as this value.
    /// - Throws: ``WorkspaceError``.
    public init(
        of path: String,
        ignoring patterns: [String],
        maximumBytes: Int64,
        isPacked: Bool
    ) throws {
        let limits = WorkspaceLimits(bytes: maximumBytes)
        let parent = (NSTemporaryDirectory() as NSString).standardizingPath
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw WorkspaceError.missing(path: path) }
            throw WorkspaceError.unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        guard isDirectory || status.st_mode & S_IFMT == S_IFREG else { throw WorkspaceError.notAWorkspace(path: path) }
        guard access(path, R_OK) == 0 else {
            throw WorkspaceError.unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        let place =
            isPacked || !isDirectory ? try TemporaryDirectory(in: parent, prefix: "hyper-workspace-") : nil
        var root = path
        if !isDirectory, let place {
            root = place.path + "/tree"
            guard mkdir(root, 0o700) == 0 else {
                throw WorkspaceError.unwritable(path: root, reason: String(cString: strerror(errno)))
            }
            try ArchiveReader(path: path, form: .any, limits: limits).read(into: DirectoryWriter(root: root))
        }
        let tree = try SnapshotTree(of: root, ignoring: patterns, limits: limits)
        let digest = ContentDigest()
        if isPacked, let place {
            let archive = place.path + "/archive"
            try tree.read(into: BothSinks(first: digest, second: ArchiveWriter(to: archive)))
            self.archive = archive
        } else {
            try tree.read(into: digest)
            archive = nil
        }
        self.place = place
        hash = digest.hash
        content = .snapshot(hash: digest.hash, files: digest.files, bytes: digest.bytes)
        largest = tree.largest
        ignoredCount = tree.ignoredCount
    }
}
