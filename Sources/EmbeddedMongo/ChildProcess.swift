import Glibc

/// A child in a session of its own, without terminal, input or descriptors of ours.
package struct ChildProcess: Sendable {
    /// How a process ended, in words.
    package enum Ending: Sendable, Equatable, CustomStringConvertible {
        case exited(Int32)
        case signaled(Int32)
        /// Somebody else waited for it.
        case unknown

        package var description: String {
            switch self {
            case .exited(let status): "exited with status \(status)"
            case .signaled(let signal): "was killed by signal \(signal)"
            case .unknown: "ended"
            }
        }
    }

    struct SpawnFailure: Error, CustomStringConvertible {
        let code: Int32
        var description: String { "it cannot be run (\(String(cString: strerror(code))))" }
    }

    /// `POSIX_SPAWN_SETSID`, a macro that Swift does not import.
    private static let newSession: Int16 = 0x80

    let pid: pid_t

    /// Starts the program; both of its outputs go to `output`, which the caller closes.
    static func spawn(
        _ arguments: [String],
        environment: [String: String],
        output: Int32
    ) throws(SpawnFailure) -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // Signals that this program ignores or blocks must work in the child.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes,
            newSession | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK)
        )

        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, arguments.first ?? "", &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw SpawnFailure(code: code) }
        return ChildProcess(pid: pid)
    }

    /// Collects the child when it has ended; nil while it runs.
    func ending() -> Ending? {
        var status: Int32 = 0
        let result = waitpid(pid, &status, WNOHANG)
        if result == 0 || (result < 0 && errno == EINTR) { return nil }
        guard result == pid else { return .unknown }
        // The macros WIFEXITED and WTERMSIG are not imported.
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .signaled(signal)
    }
}
