import Foundation
import Glibc

/// A pipe that no other child inherits.
enum Pipe2 {
    private typealias Make = @convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32

    static func make() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        // Not imported by Swift; a plain pipe would leak into children that other tests start at the same moment.
        guard let address = dlsym(nil, "pipe2"), unsafeBitCast(address, to: Make.self)(&ends, O_CLOEXEC) == 0 else {
            throw IntegrationFailure("no pipe: \(String(cString: strerror(errno)))")
        }
        return (ends[0], ends[1])
    }
}

/// Starting a process.
enum Spawn {
    /// Starts a program as leader of a process group of its own, with default signals and no standard input.
    static func run(
        _ command: [String],
        _ environment: [String: String],
        _ directory: String,
        output: Int32,
        error: Int32
    ) throws -> pid_t {
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
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
        // The shell only changes the directory, for which posix_spawn has no portable way, and becomes the program.
        let line = ["/bin/sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", directory] + command
        var arguments: [UnsafeMutablePointer<CChar>?] = line.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, line[0], &actions, &attributes, &arguments, &variables)
        guard code == 0 else {
            throw IntegrationFailure("\(command) did not start: \(String(cString: strerror(code)))")
        }
        return pid
    }
}
