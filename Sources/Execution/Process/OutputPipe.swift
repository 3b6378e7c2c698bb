import Glibc

/// A pipe, close-on-exec at both ends; the reading end does not block.
struct OutputPipe: Sendable {
    let read: Int32
    let write: Int32

    private typealias MakePipe = @convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32

    /// The system call that Swift's Glibc module does not show; every C library of the last fifteen years has it.
    private static let pipe2: MakePipe? = dlsym(nil, "pipe2").map { unsafeBitCast($0, to: MakePipe.self) }

    init() throws(ExecutionError) {
        var ends: [Int32] = [-1, -1]
        // Both ends close-on-exec from the start: another thread may start a program at any moment, and a stray writing
        // end in it would keep this pipe from ending.
        guard let pipe2 = Self.pipe2, pipe2(&ends, O_CLOEXEC) == 0 else {
            throw ExecutionError.noDescriptors(reason: String(cString: strerror(Self.pipe2 == nil ? ENOSYS : errno)))
        }
        // Where this process was started without standard streams, their numbers are free: a trial's own would replace them.
        for index in ends.indices where ends[index] <= STDERR_FILENO {
            let moved = fcntl(ends[index], F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
            guard moved >= 0 else {
                let reason = String(cString: strerror(errno))
                for end in ends { close(end) }
                throw ExecutionError.noDescriptors(reason: reason)
            }
            close(ends[index])
            ends[index] = moved
        }
        read = ends[0]
        write = ends[1]
        // Not by pipe2: a trial's end has to block, as every program expects of its output.
        _ = fcntl(read, F_SETFL, O_NONBLOCK)
    }

    func closeWritingEnd() { close(write) }

    func closeAll() {
        close(read)
        close(write)
    }
}
