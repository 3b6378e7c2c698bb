import Glibc

/// Shares the GPUs of a machine out among the slots of a worker, and among all workers of the machine that use the same
/// directory of locks.
///
/// A GPU is held by a lock on a file of its own, which the kernel drops when the worker dies.
public final class GPUPool: Sendable {
    /// GPUs that a worker may be given.
    public static let maximumDevices = 256
    /// Where workers of all users of a machine meet.
    public static let defaultLockDirectory = "/tmp/hyper-gpus"

    /// What is wrong with what a worker was told of its GPUs.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// A text that names no GPU.
        case noDevice(String)
        /// A GPU that is named twice.
        case twice(String)
        /// No GPU at all, or more than can be.
        case count(Int)
        /// The locks cannot be made.
        case locks(path: String, reason: String)

        /// What happened and what to do.
        public var description: String {
            switch self {
            case .noDevice(let text):
                "\(shown(text)) names no GPU; give numbers or the ids that nvidia-smi -L prints, such as 0,1,2,3"
            case .twice(let device): "the GPU \(device) is there twice"
            case .count(let count):
                count == 0
                    ? "there is no GPU; give their numbers, such as 0,1, if they are hidden from this worker"
                    : "\(count) GPUs are more than \(GPUPool.maximumDevices)"
            case .locks(let path, let reason):
                "the locks of GPUs in \(path) cannot be used: \(reason); they keep workers of one machine apart, so make the "
                    + "directory writable for this user"
            }
        }
    }

    /// All of them, in the order in which they are given out.
    public let devices: [String]
    /// How many an attempt gets.
    public let perTrial: Int
    private let lockDirectory: String

    /// - Parameters:
    ///   - devices: as `CUDA_VISIBLE_DEVICES` names them.
    ///   - perTrial: from 1 to the number of devices.
    public init(
        devices: [String],
        perTrial: Int = 1,
        lockDirectory: String = GPUPool.defaultLockDirectory
    ) throws(Failure) {
        guard (1...Self.maximumDevices).contains(devices.count) else { throw .count(devices.count) }
        var seen: Set<String> = []
        for device in devices {
            guard Self.isDevice(device) else { throw .noDevice(device) }
            guard seen.insert(device).inserted else { throw .twice(device) }
        }
        precondition((1...devices.count).contains(perTrial))
        self.devices = devices
        self.perTrial = perTrial
        self.lockDirectory = lockDirectory
        try Self.makeDirectory(lockDirectory)
    }

    /// Takes as many GPUs as an attempt gets, the first free ones; `nil` when too few are free now. Never waits.
    /// - Throws: ``Failure/locks(path:reason:)``.
    public func take() throws(Failure) -> GPUShare? {
        var held: [(device: String, lock: Int32)] = []
        for device in devices where held.count < perTrial {
            do throws(Failure) {
                if let lock = try lock(device) { held.append((device, lock)) }
            } catch {
                for (_, lock) in held { close(lock) }
                throw error
            }
        }
        let share = GPUShare(devices: held.map(\.device), locks: held.map(\.lock))
        guard held.count == perTrial else {
            share.release()
            return nil
        }
        return share
    }

    /// - Returns: a descriptor that holds the lock until it is closed; `nil` when somebody else has it.
    private func lock(_ device: String) throws(Failure) -> Int32? {
        let path = "\(lockDirectory)/\(device)"
        // Without O_CREAT first: the kernel refuses that for a file of another user in a directory of everybody.
        var descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0, errno == ENOENT {
            descriptor = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        }
        guard descriptor >= 0 else { throw .locks(path: path, reason: String(cString: strerror(errno))) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
        let code = errno
        close(descriptor)
        guard code == EWOULDBLOCK || code == EINTR else {
            throw .locks(path: path, reason: String(cString: strerror(code)))
        }
        return nil
    }

    private static func makeDirectory(_ path: String) throws(Failure) {
        if mkdir(path, 0o1777) == 0 {
            // Whatever the mask of this process is: workers of other users come here too.
            chmod(path, 0o1777)
        } else if errno != EEXIST {
            throw .locks(path: path, reason: String(cString: strerror(errno)))
        }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .locks(path: path, reason: "it is no directory")
        }
    }

    /// A number, a UUID or a part of a divided GPU; each is the name of a file too.
    private static func isDevice(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 128 && text.first != "-"
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
            }
    }
}
