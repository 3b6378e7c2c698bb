import CArchive
import Glibc

/// Reads an archive and believes nothing of it: see ``TreeCheck``.
struct ArchiveReader {
    /// Who made an archive.
    enum Form {
        /// We did: tar, compressed by zstd.
        case ours
        /// Anybody: zip, or tar with any of the usual compressions.
        case any
    }

    let path: String
    let form: Form
    let limits: WorkspaceLimits

    /// Bytes that are read at once.
    private static let blockBytes = 128 << 10

    /// Hands all entries to a sink. Blocks.
    /// - Throws: ``WorkspaceError/badArchive(reason:)``, ``WorkspaceError/notAWorkspace(path:)`` for what is no archive at all,
    ///   and what the sink throws.
    func read(into sink: any TreeSink) throws {
        guard let archive = archive_read_new() else { throw WorkspaceError.badArchive(reason: "no memory") }
        let before = hyper_use_utf8()
        defer {
            archive_read_free(archive)
            hyper_restore_locale(before)
        }
        // Never "all": some of libarchive's filters start programs.
        archive_read_support_filter_zstd(archive)
        archive_read_support_format_tar(archive)
        if form == .any {
            archive_read_support_filter_gzip(archive)
            archive_read_support_filter_bzip2(archive)
            archive_read_support_filter_xz(archive)
            archive_read_support_filter_lzma(archive)
            archive_read_support_filter_lz4(archive)
            archive_read_support_filter_compress(archive)
            archive_read_support_format_zip(archive)
        }
        guard archive_read_open_filename(archive, path, Self.blockBytes) == ARCHIVE_OK else {
            // Whether it can be read at all was seen before.
            throw form == .any ? WorkspaceError.notAWorkspace(path: path) : Self.failure(archive)
        }
        var check = TreeCheck(limits: limits)
        var entry: OpaquePointer?
        var isFirst = true
        while true {
            let result = archive_read_next_header(archive, &entry)
            if result == ARCHIVE_EOF { break }
            guard result >= ARCHIVE_WARN, let entry else {
                throw isFirst ? WorkspaceError.notAWorkspace(path: path) : Self.failure(archive)
            }
            isFirst = false
            try take(entry, of: archive, &check, sink)
        }
        try sink.finish()
    }

    private func take(
        _ entry: OpaquePointer,
        of archive: OpaquePointer,
        _ check: inout TreeCheck,
        _ sink: any TreeSink
    ) throws {
        guard let name = archive_entry_pathname(entry).flatMap({ String(validatingCString: $0) }) else {
            throw WorkspaceError.badArchive(reason: "a name in it is no UTF-8 text")
        }
        if let target = archive_entry_hardlink(entry) {
            let source = try check.addHardLink(name, to: String(cString: target))
            if let source { try (sink as? any HardLinkSink)?.hardLink(source.path, to: source.target) }
            return
        }
        let kind: TreeEntry.Kind
        switch mode_t(archive_entry_filetype(entry)) {
        case Glibc.S_IFDIR: kind = .directory
        case Glibc.S_IFREG:
            // Rights beyond the executable bit (setuid, others) are not taken over.
            kind = .file(bytes: archive_entry_size(entry), isExecutable: archive_entry_perm(entry) & Glibc.S_IXUSR != 0)
        case Glibc.S_IFLNK: kind = .link(target: archive_entry_symlink(entry).map { String(cString: $0) } ?? "")
        default:
            throw WorkspaceError.badArchive(
                reason: "\(name.debugDescription) in it is no file, directory or link"
            )
        }
        for entry in try check.add(name, kind) { try sink.begin(entry) }
        guard case .file(let size, _) = kind else { return }
        try copy(size, archive, name, sink)
    }

    private func copy(_ size: Int64, _ archive: OpaquePointer, _ name: String, _ sink: any TreeSink) throws {
        var left = size
        var buffer = [UInt8](repeating: 0, count: Self.blockBytes)
        while true {
            let count = archive_read_data(archive, &buffer, buffer.count)
            guard count >= 0 else { throw Self.failure(archive) }
            if count == 0 { break }
            left -= Int64(count)
            guard left >= 0 else { break }
            try buffer.withUnsafeBytes { try sink.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        guard left == 0 else {
            throw WorkspaceError.badArchive(reason: "\(name.debugDescription) in it is not as long as it says")
        }
    }

    private static func failure(_ archive: OpaquePointer) -> WorkspaceError {
        .badArchive(reason: archive_error_string(archive).map { String(cString: $0) } ?? "it is broken")
    }
}

/// A sink that can do with two names of one file.
protocol HardLinkSink: TreeSink {
    func hardLink(_ path: String, to target: String) throws
}
