import Glibc
import Synchronization

/// A `flock` on a file, dropped by the kernel when the process ends, however it ends.
///
/// The lock belongs to the open file, so two objects in one process exclude each other like two processes.
/// No child inherits it: the descriptor is close-on-exec.
final class FileLock: Sendable {
    enum Mode: Sendable {
        case shared, exclusive
    }

    /// How often a taken lock is tried again.
    static let retryInterval = Duration.milliseconds(20)

    let path: String
    /// Negative once released.
    private let descriptor: Mutex<Int32>

    /// Opens the file, and makes it (0600) when it is missing; locks nothing yet.
    init(path: String) throws(EmbeddedMongoError) {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, PrivateFile.mode)
        guard opened >= 0 else {
            let code = errno
            if code == ELOOP { throw .fileNotPrivate(path: path, reason: "it is a symbolic link") }
            throw DataDirectory.unusable(path, code)
        }
        self.path = path
        descriptor = Mutex(opened)
    }

    deinit {
        release()
    }

    /// Takes the lock, or changes its mode, without waiting.
    ///
    /// A failed change loses the lock that was held: Linux drops the old mode first.
    func tryLock(_ mode: Mode) throws(EmbeddedMongoError) -> Bool {
        let operation = (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB
        let code: Int32 = descriptor.withLock { descriptor in
            while flock(descriptor, operation) != 0 {
                if errno != EINTR { return errno }
            }
            return 0
        }
        switch code {
        case 0: return true
        case EWOULDBLOCK: return false
        default: throw DataDirectory.unusable(path, code)
        }
    }

    /// Takes the lock; false when the deadline passes first.
    ///
    /// - Throws: `CancellationError`, or `EmbeddedMongoError.dataDirectoryUnusable`.
    func lock(_ mode: Mode, until deadline: Deadline) async throws -> Bool {
        while try !tryLock(mode) {
            guard !deadline.hasPassed else { return false }
            try await deadline.pause(Self.retryInterval)
        }
        return true
    }

    /// Gives the lock up and keeps the file open for another try.
    func unlock() {
        descriptor.withLock { descriptor in
            _ = flock(descriptor, LOCK_UN)
        }
    }

    /// Gives the lock up for good; a second call does nothing.
    func release() {
        descriptor.withLock { descriptor in
            // Closing would do, unless a fork that has not reached its exec still shares the open file.
            if descriptor >= 0 {
                flock(descriptor, LOCK_UN)
                close(descriptor)
            }
            descriptor = -1
        }
    }
}
