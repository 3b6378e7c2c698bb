import Glibc

/// Writes a tree into an empty directory that nobody else writes to.
///
/// Whoever hands entries over has checked them (``TreeCheck``): a path has only directories of this tree above it.
final class DirectoryWriter: HardLinkSink {
    private let root: String
    private var file: LocalFile?

    init(root: String) { self.root = root }

    func begin(_ entry: TreeEntry) throws {
        file = nil
        let path = "\(root)/\(entry.path)"
        switch entry.kind {
        case .directory: try check(mkdir(path, 0o755), path)
        case .link(let target): try check(symlink(target, path), path)
        case .file(_, let isExecutable): file = try LocalFile(creating: path, mode: isExecutable ? 0o755 : 0o644)
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws { try file?.writeAll(bytes) }

    func hardLink(_ path: String, to target: String) throws {
        file = nil
        try check(link("\(root)/\(target)", "\(root)/\(path)"), "\(root)/\(path)")
    }

    func finish() { file = nil }

    private func check(_ result: Int32, _ path: String) throws(WorkspaceError) {
        if result != 0 { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
    }
}
