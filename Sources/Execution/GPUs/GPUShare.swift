import Glibc
import Synchronization

/// GPUs that are held for one attempt.
public final class GPUShare: Sendable {
    /// As `CUDA_VISIBLE_DEVICES` names them.
    public let devices: [String]
    private let locks: Mutex<[Int32]>

    init(devices: [String], locks: [Int32]) {
        self.devices = devices
        self.locks = Mutex(locks)
    }

    deinit { release() }

    /// Gives them back; a second call does nothing.
    public func release() {
        let held = locks.withLock { locks in
            defer { locks = [] }
            return locks
        }
        for lock in held { close(lock) }
    }
}
