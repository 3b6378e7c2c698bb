import Glibc

/// Files that only their owner may read: written whole or not at all, refused when others could have changed them.
enum PrivateFile {
    /// No file of the store is larger; more is not ours.
    static let maximumBytes = 64 * 1024
    static let mode: mode_t = 0o600

    /// The content, or nil when there is no such file.
    ///
    /// - Throws: `EmbeddedMongoError.fileNotPrivate` for another owner, wider rights or anything but a regular file.
    static func read(_ path: String) throws(EmbeddedMongoError) -> [UInt8]? {
        // Never follow a link out of the directory, never hang on a pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: return nil
            case ELOOP: throw .fileNotPrivate(path: path, reason: "it is a symbolic link")
            default: throw DataDirectory.unusable(path)
            }
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DataDirectory.unusable(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .fileNotPrivate(path: path, reason: "it is not a regular file")
        }
        guard status.st_uid == geteuid() else {
            throw .fileNotPrivate(path: path, reason: "it belongs to another user (uid \(status.st_uid))")
        }
        guard status.st_mode & 0o077 == 0 else {
            let octal = String(status.st_mode & 0o777, radix: 8)
            throw .fileNotPrivate(path: path, reason: "group or others may use it (mode \(octal))")
        }
        var content = [UInt8](repeating: 0, count: maximumBytes + 1)
        var filled = 0
        while filled < content.count {
            let count = content.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw DataDirectory.unusable(path) }
            if count == 0 { break }
            filled += count
        }
        guard filled <= maximumBytes else {
            throw .fileCorrupt(path: path, reason: "it is larger than \(maximumBytes) bytes")
        }
        return Array(content[..<filled])
    }

    /// Replaces the file in one step that survives a crash: temporary file, fsync, rename, fsync of the directory.
    ///
    /// The caller holds the start lock, so the temporary name is fixed and leaves nothing behind.
    static func write(_ content: [UInt8], to path: String) throws(EmbeddedMongoError) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw DataDirectory.unusable(path) }
        var failure: Int32 = 0
        var written = 0
        while written < content.count, failure == 0 {
            let count = content.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count < 0 {
                if errno != EINTR { failure = errno }
            } else {
                written += count
            }
        }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        if close(descriptor) != 0, failure == 0 { failure = errno }
        if failure == 0, rename(temporary, path) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(temporary)
            throw DataDirectory.unusable(path, failure)
        }
        syncDirectory(of: path)
    }

    /// Makes the rename durable; a file system that cannot do so (some network ones) is not an error.
    private static func syncDirectory(of path: String) {
        guard let slash = path.lastIndex(of: "/") else { return }
        let descriptor = open(String(path[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
