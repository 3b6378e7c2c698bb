import Glibc

/// The right to the results of one worker: a `flock`, which the kernel drops when its process ends, however it ends.
final class SpoolLock: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock of a directory without waiting.
    /// - Returns: `nil` when somebody else has it, or has just removed the directory.
    static func take(_ directory: String) throws(SpoolError) -> SpoolLock? {
        let path = directory + "/" + SpoolDirectory.lockName
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, SpoolFile.mode)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .system(path: path, code: errno)
        }
        let lock = SpoolLock(descriptor)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            if errno == EWOULDBLOCK { return nil }
            throw .system(path: path, code: errno)
        }
        // Whoever had it before may have removed it: then it guards nothing.
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_nlink > 0 ? lock : nil
    }

    /// Whether somebody has the lock of a directory; `false` where it cannot be told.
    static func isTaken(_ directory: String) -> Bool {
        let descriptor = open(directory + "/" + SpoolDirectory.lockName, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
