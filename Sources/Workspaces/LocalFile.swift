import Glibc

/// An open file of this machine, read or written in order.
final class LocalFile {
    /// Bytes that are read at once.
    static let pieceBytes = 256 << 10

    let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []

    /// Opens a file for reading, which is no link.
    init(reading path: String) throws(WorkspaceError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
        buffer = [UInt8](repeating: 0, count: Self.pieceBytes)
    }

    /// Makes a file, which must not exist.
    init(creating path: String, mode: mode_t) throws(WorkspaceError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
    }

    deinit { close(descriptor) }

    /// Hands the next piece on. - Returns: `false` at the end of the file.
    func readPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw WorkspaceError.unreadable(path: path, reason: String(cString: strerror(errno)))
            }
            guard count > 0 else { return false }
            try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            return true
        }
    }

    /// Writes all of the bytes.
    func writeAll(_ bytes: UnsafeRawBufferPointer) throws(WorkspaceError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}
