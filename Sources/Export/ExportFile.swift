import Glibc

/// Where an export is written: standard output, or a file that appears under its name only when it is complete.
public final class ExportFile {
    /// Why an export could not be written.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// What happened and what to do.
        public let description: String
        /// Whether nobody reads standard output any more: no failure of ours.
        public var isClosedPipe = false
    }

    private static let bufferSize = 1 << 16
    private static let largestNameAttempts = 16

    private let descriptor: Int32
    private let name: String
    private let target: (path: String, temporary: String, isReplaced: Bool)?
    private var buffer: [UInt8] = []
    private var isOpen = true

    /// Standard output.
    public init() {
        descriptor = STDOUT_FILENO
        name = "standard output"
        target = nil
    }

    /// A file.
    /// - Parameter isReplaced: whether an existing file may be replaced.
    public init(path: String, isReplaced: Bool) throws(Failure) {
        var path = path
        var status = stat()
        // What somebody shut to others stays shut.
        var mode: mode_t?
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let resolved = realpath(path, nil) {
            // The file behind the link is replaced, not the link.
            path = String(cString: resolved)
            free(resolved)
        }
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw Failure(description: "\(path) is not a regular file; leave --output out and redirect instead.")
            }
            guard isReplaced else { throw Self.exists(path) }
            mode = status.st_mode & 0o777
        }
        var temporary = ""
        var descriptor: Int32 = -1
        // Another export of this process, or one that was killed, may have the first name.
        for attempt in 0..<Self.largestNameAttempts where descriptor < 0 {
            temporary = "\(path).\(getpid())-\(attempt).tmp"
            descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor < 0, errno != EEXIST { break }
        }
        self.descriptor = descriptor
        guard descriptor >= 0 else {
            throw Failure(description: "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        if let mode { fchmod(descriptor, mode) }
        name = path
        target = (path, temporary, isReplaced)
    }

    deinit { discard() }

    private static func exists(_ path: String) -> Failure {
        Failure(description: "\(path) exists already; --force replaces it.")
    }

    /// Appends a text.
    public func write(_ text: String) throws(Failure) {
        buffer += text.utf8
        if buffer.count >= Self.bufferSize { try flush() }
    }

    private func flush() throws(Failure) {
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure() }
            rest = rest.dropFirst(count)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func failure() -> Failure {
        let code = errno
        return Failure(
            description: "\(name) cannot be written: \(String(cString: strerror(code)))",
            isClosedPipe: code == EPIPE && target == nil
        )
    }

    /// Writes what is left and gives a file its name.
    public func finish() throws(Failure) {
        try flush()
        guard let target else { return }
        guard fsync(descriptor) == 0 else { throw failure() }
        if target.isReplaced {
            guard rename(target.temporary, target.path) == 0 else { throw failure() }
        } else if link(target.temporary, target.path) != 0 {
            // Unlike a renaming, a link never replaces what somebody else made meanwhile. Some file systems have none.
            if errno == EEXIST { throw Self.exists(target.path) }
            guard errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS else { throw failure() }
            guard rename(target.temporary, target.path) == 0 else { throw failure() }
        }
        discard()
    }

    /// Takes an unfinished file away.
    private func discard() {
        guard let target, isOpen else { return }
        isOpen = false
        close(descriptor)
        unlink(target.temporary)
    }
}
