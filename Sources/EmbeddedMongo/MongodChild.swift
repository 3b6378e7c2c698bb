import Glibc
import Synchronization

/// A `mongod` that this program started and can wait for.
final class MongodChild: Sendable {
    /// Exit codes of `mongod` that have a remedy (https://www.mongodb.com/docs/manual/reference/exit-codes/).
    enum ExitCode {
        static let portTaken: Int32 = 48
        static let incompatibleData: Int32 = 62
        static let directoryInUse: Int32 = 100
    }

    /// A larger log is set aside at the next start; one such older log is kept.
    static let maximumLogBytes = 16 * 1024 * 1024
    static let pollInterval = Duration.milliseconds(10)

    let pid: Int32
    private let child: ChildProcess
    private let known = Mutex<ChildProcess.Ending?>(nil)
    private let logFile: String
    private let logOffset: Int

    /// Starts `mongod` with its output at the end of the log file.
    init(
        _ binary: MongodBinary,
        commandLine: MongodCommandLine,
        usesIPv6: Bool,
        directory: DataDirectory,
        environment: [String: String]
    ) throws(EmbeddedMongoError) {
        logFile = directory.logFile
        let log = try Self.openLog(directory.logFile)
        defer { close(log) }
        logOffset = Int(lseek(log, 0, SEEK_END))
        do {
            child = try ChildProcess.spawn(
                commandLine.arguments(program: binary.path, directory: directory, usesIPv6: usesIPv6),
                environment: MongodCommandLine.environment(from: environment),
                output: log
            )
        } catch {
            throw .mongodUnusable(path: binary.path, reason: error.description)
        }
        pid = child.pid
    }

    /// How it ended; nil while it runs.
    var ending: ChildProcess.Ending? {
        known.withLock { known in
            known = known ?? child.ending()
            return known
        }
    }

    /// What it has printed lately.
    var logTail: String { LogTail.read(logFile, from: logOffset) }

    /// SIGTERM, and a wait for the end that the caller's cancellation does not cut short.
    ///
    /// - Returns: whether it has ended.
    func terminate(timeout: Duration) async -> Bool {
        // Nobody cancels this task: it is bounded by the time-out, and a half-stopped child must not be forgotten.
        await Task {
            let deadline = Deadline(after: timeout)
            guard ending == nil else { return true }
            // Not collected yet, so the pid cannot belong to anybody else.
            kill(pid, SIGTERM)
            while ending == nil, !deadline.hasPassed {
                try? await deadline.pause(Self.pollInterval)  // only a cancelled task throws here
            }
            return ending != nil
        }.value
    }

    private static func openLog(_ path: String) throws(EmbeddedMongoError) -> Int32 {
        var status = stat()
        if lstat(path, &status) == 0, Int(status.st_size) > maximumLogBytes { rename(path, path + ".1") }
        let descriptor = open(
            path,
            O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
            PrivateFile.mode
        )
        guard descriptor >= 0 else { throw DataDirectory.unusable(path) }
        return descriptor
    }
}
