import CArchive
import Glibc

/// Writes a tree as a tar archive compressed by zstd. The same tree makes the same bytes: no times, no owners.
final class ArchiveWriter: TreeSink {
    private let archive: OpaquePointer
    private let entry: OpaquePointer
    private let path: String

    /// Makes a file, which must not exist. Blocks.
    init(to path: String) throws(WorkspaceError) {
        guard let archive = archive_write_new() else { throw .unwritable(path: path, reason: "no memory") }
        guard let entry = archive_entry_new() else {
            archive_write_free(archive)
            throw .unwritable(path: path, reason: "no memory")
        }
        self.archive = archive
        self.entry = entry
        self.path = path
        // Names as they are, of any length, without the extra headers of pax.
        try check(archive_write_set_format_gnutar(archive))
        try check(archive_write_add_filter_zstd(archive))
        // Nobody else gets to read it, whatever the umask.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
        close(descriptor)
        try check(archive_write_open_filename(archive, path))
    }

    deinit {
        archive_entry_free(entry)
        archive_write_free(archive)
    }

    func begin(_ item: TreeEntry) throws {
        archive_entry_clear(entry)
        archive_entry_set_mtime(entry, 0, 0)
        archive_entry_set_uid(entry, 0)
        archive_entry_set_gid(entry, 0)
        switch item.kind {
        case .directory:
            archive_entry_set_filetype(entry, UInt32(Glibc.S_IFDIR))
            archive_entry_set_perm(entry, 0o755)
            archive_entry_set_size(entry, 0)
        case .file(let bytes, let isExecutable):
            archive_entry_set_filetype(entry, UInt32(Glibc.S_IFREG))
            archive_entry_set_perm(entry, isExecutable ? 0o755 : 0o644)
            archive_entry_set_size(entry, bytes)
        case .link(let target):
            archive_entry_set_filetype(entry, UInt32(Glibc.S_IFLNK))
            archive_entry_set_perm(entry, 0o777)
            archive_entry_set_size(entry, 0)
            archive_entry_set_symlink(entry, target)
        }
        archive_entry_set_pathname(entry, item.path)
        try check(archive_write_header(archive, entry))
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        let count = archive_write_data(archive, bytes.baseAddress, bytes.count)
        guard count == bytes.count else { throw failure() }
    }

    func finish() throws {
        try check(archive_write_close(archive))
    }

    private func check(_ result: Int32) throws(WorkspaceError) {
        guard result >= ARCHIVE_WARN else { throw failure() }
    }

    private func failure() -> WorkspaceError {
        .unwritable(path: path, reason: archive_error_string(archive).map { String(cString: $0) } ?? "unknown")
    }
}
