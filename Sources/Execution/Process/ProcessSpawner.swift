import Foundation
import Glibc

/// Starts programs, each in a session of its own, by `posix_spawn`.
///
/// A copy of this process is never made, unlike with `fork`, whose cost grows with our memory.
enum ProcessSpawner {
    /// What to start.
    struct Launch: Sendable {
        /// Path of the program.
        var program: String
        /// Its argv, the name included.
        var arguments: [String]
        var environment: [String: String]
        var workingDirectory: String
        /// Becomes standard input; `nil`: there is nothing to read.
        var standardInput: Int32?
        /// Become standard output and standard error.
        var standardOutput: Int32
        var standardError: Int32
    }

    /// Why nothing was started: what the kernel said.
    struct Failure: Error, Equatable {
        var code: Int32
    }

    // MARK: - The call

    private typealias AddPath =
        @convention(c) (
            UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>
        ) -> Int32
    typealias AddDescriptor =
        @convention(c) (
            UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32
        ) -> Int32

    // Swift's Glibc module shows neither. The first is in glibc since 2.29, the second since 2.34.
    private static let addWorkingDirectory = symbol("posix_spawn_file_actions_addchdir_np", as: AddPath.self)
    static let addCloseFrom = symbol("posix_spawn_file_actions_addclosefrom_np", as: AddDescriptor.self)
    /// `POSIX_SPAWN_SETSID`, which the module does not show either.
    private static let newSession: Int32 = 0x80

    private static func symbol<Function>(_ name: String, as type: Function.Type) -> Function? {
        dlsym(nil, name).map { unsafeBitCast($0, to: type) }
    }

    /// How often a program that somebody still writes is tried again, and the microseconds between two tries.
    private static let busyRetries = 40
    private static let busyPause: UInt32 = 5000

    /// Starts a program; keeps the calling thread until the kernel has loaded it, which a slow disk may delay.
    ///
    /// - Parameter addCloseFrom: the function of the C library, `nil` where it has none.
    static func spawn(
        _ launch: Launch,
        addCloseFrom: AddDescriptor? = Self.addCloseFrom
    ) throws(Failure) -> SpawnedProcess {
        var actions = posix_spawn_file_actions_t()
        try check(posix_spawn_file_actions_init(&actions))
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input = launch.standardInput {
            try check(posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO))
        } else {
            try check(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0))
        }
        try check(posix_spawn_file_actions_adddup2(&actions, launch.standardOutput, STDOUT_FILENO))
        try check(posix_spawn_file_actions_adddup2(&actions, launch.standardError, STDERR_FILENO))
        guard let addWorkingDirectory else { throw Failure(code: ENOSYS) }
        try check(addWorkingDirectory(&actions, launch.workingDirectory))
        // What somebody else opened without close-on-exec, before us or in this process: nothing of ours.
        if let addCloseFrom {
            try check(addCloseFrom(&actions, STDERR_FILENO + 1))
        } else {
            for descriptor in inheritedDescriptors() {
                try check(posix_spawn_file_actions_addclose(&actions, descriptor))
            }
        }

        var attributes = posix_spawnattr_t()
        try check(posix_spawnattr_init(&attributes))
        defer { posix_spawnattr_destroy(&attributes) }
        // No signal is ignored or blocked in a trial, whatever this process does with its own.
        var signals = sigset_t()
        sigemptyset(&signals)
        try check(posix_spawnattr_setsigmask(&attributes, &signals))
        // Not by sigfillset, which leaves out two that the C library uses: posix_spawn would leave those ignored.
        withUnsafeMutableBytes(of: &signals) { $0.copyBytes(from: repeatElement(UInt8.max, count: $0.count)) }
        try check(posix_spawnattr_setsigdefault(&attributes, &signals))
        let flags = newSession | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        try check(posix_spawnattr_setflags(&attributes, Int16(flags)))

        var process: pid_t = 0
        let code = withVector(launch.arguments) { arguments in
            withVector(launch.environment.map { "\($0)=\($1)" }) { environment in
                var code = posix_spawn(&process, launch.program, &actions, &attributes, arguments, environment)
                // A child that is being started holds what its parent has open for a moment, be it for writing.
                for _ in 0..<Self.busyRetries where code == ETXTBSY {
                    usleep(Self.busyPause)
                    code = posix_spawn(&process, launch.program, &actions, &attributes, arguments, environment)
                }
                return code
            }
        }
        try check(code)
        return SpawnedProcess(processID: process)
    }

    /// Descriptors, besides the standard ones, that a program would inherit now.
    private static func inheritedDescriptors() -> [Int32] {
        // Without /proc nothing is known of them, and a trial inherits them as that of any other program would.
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return numbers.compactMap { Int32($0) }.filter { descriptor in
            guard descriptor > STDERR_FILENO else { return false }
            let flags = fcntl(descriptor, F_GETFD)
            return flags >= 0 && flags & FD_CLOEXEC == 0
        }
    }

    private static func check(_ code: Int32) throws(Failure) {
        if code != 0 { throw Failure(code: code) }
    }

    /// Texts as C wants them: pointers to them all, NULL last.
    private static func withVector(
        _ texts: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        let copies = texts.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeBufferPointer { buffer in
            guard let first = buffer.baseAddress else { return EINVAL }
            return body(first)
        }
    }
}

/// A process that was started and has not been reaped.
struct SpawnedProcess: Sendable {
    /// Leader of its session and process group; the number is nobody else's before ``reap()``.
    let processID: pid_t
    /// pidfd, close-on-exec; -1 on a kernel without (before 5.3).
    let descriptor: Int32

    /// How a process ended.
    enum End: Sendable, Equatable {
        case exited(Int32)
        case signaled(Int32)
        /// Its status went to somebody else.
        case unknown
    }

    fileprivate init(processID: pid_t) {
        self.processID = processID
        descriptor = ProcessDescriptor.open(processID)
    }

    /// Has the kernel keep the statuses of ended children.
    ///
    /// Whoever started this process may have told it not to, and that is inherited: then a child's number would be free again
    /// before its end was seen.
    static func keepStatuses() {
        var action = sigaction()
        guard sigaction(SIGCHLD, nil, &action) == 0 else { return }
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        if handler == unsafeBitCast(SIG_IGN, to: Int.self) { signal(SIGCHLD, SIG_DFL) }
    }

    /// Takes the status of the process, which must have ended, and closes its descriptor.
    func reap() -> End {
        if descriptor >= 0 { close(descriptor) }
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 {
            if errno != EINTR { return .unknown }
        }
        // WIFEXITED, WEXITSTATUS and WTERMSIG are macros that Swift does not import.
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signaled(signal)
    }
}
