import Glibc

/// A file with one result.
public struct SpoolFile: Sendable, Hashable {
    /// The directory of the worker that made it.
    public let directory: String
    /// Its name there.
    public let name: String

    /// Its path.
    public var path: String { "\(directory)/\(name)" }

    /// No file of ours is larger: more is damaged, or somebody else's.
    static let largestBytes = 16 << 20
    static let mode: mode_t = 0o600

    /// Writes bytes in one step: the file is there whole, or as it was before.
    /// - Parameter isDurable: whether it must outlive a crash of the machine, not only of this process.
    static func write(_ bytes: [UInt8], to path: String, isDurable: Bool) throws(SpoolError) {
        let temporary = path + SpoolDirectory.temporarySuffix
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw .system(path: path, code: errno) }
        var failure: Int32 = 0
        var written = 0
        while written < bytes.count, failure == 0 {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if count > 0 {
                written += count
            } else if count == 0 || errno != EINTR {
                failure = count == 0 ? EIO : errno
            }
        }
        if isDurable, failure == 0, fsync(descriptor) != 0 { failure = errno }
        if Glibc.close(descriptor) != 0, failure == 0 { failure = errno }
        if failure == 0, rename(temporary, path) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(temporary)
            throw .system(path: path, code: failure)
        }
        if isDurable { syncDirectory(of: path) }
    }

    /// Makes a rename durable; a file system that cannot is no reason to fail.
    private static func syncDirectory(of path: String) {
        guard let slash = path.lastIndex(of: "/") else { return }
        let descriptor = open(String(path[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        Glibc.close(descriptor)
    }

    /// What is in it.
    var result: Result<SpooledResult, SpoolError> {
        do throws(SpoolError) { return .success(try read()) } catch { return .failure(error) }
    }

    /// Reads it.
    /// - Throws: ``SpoolError``; what is no regular file of a bearable size is unreadable.
    func read() throws(SpoolError) -> SpooledResult {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(path: path, code: errno) }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable("it is no regular file") }
        guard status.st_size <= Self.largestBytes else {
            throw .unreadable("it is larger than \(Self.largestBytes) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw .system(path: path, code: errno) }
            if count == 0 { break }
            done += count
        }
        return try SpooledResult(decoding: Array(bytes[..<done]))
    }
}
