/// Why the embedded store cannot be used; every message says what to do.
public enum EmbeddedMongoError: Error, Equatable, CustomStringConvertible {
    /// Neither `--data-dir` nor `XDG_DATA_HOME` nor `HOME` says where the data goes.
    case noDataDirectory
    /// The data directory, or a file in it, cannot be used.
    case dataDirectoryUnusable(path: String, DataDirectoryProblem)
    /// A file that holds secrets can be read or was written by somebody else.
    case fileNotPrivate(path: String, reason: String)
    /// A file of the store does not hold what it should.
    case fileCorrupt(path: String, reason: String)
    /// No `mongod` in any of these places.
    case mongodMissing(searched: [String])
    /// The file is there but cannot be run.
    case mongodNotExecutable(path: String)
    /// The program does not say that it is a `mongod`.
    case mongodUnusable(path: String, reason: String)
    /// Older than `MongodVersion.minimum`.
    case mongodTooOld(path: String, found: String)
    /// Another process has been starting or stopping the store for too long.
    case startLockTimedOut(path: String, after: Duration)
    /// The directory is in use by a `mongod` that is not ours; `pid` is nil when the system does not tell.
    case dataDirectoryLocked(path: String, pid: Int32?, machine: String?)
    /// `mongod` ended by itself; `log` is the end of its log.
    case mongodExited(ending: String, log: String)
    /// The data files belong to a MongoDB of another release.
    case incompatibleData(path: String, version: String, log: String)
    /// `mongod` runs but cannot be used yet; `log` is the end of its log.
    case notReady(after: Duration, doing: String, log: String)
    /// Each port that was tried was taken; nil when the kernel gave none.
    case noFreePort(lastTried: Int?)
    /// The address or name to listen on cannot be used.
    case invalidListening(String)
    /// The store runs for others with other listening addresses.
    case restartNeeded(pid: Int32)
    /// The endpoint file is there, yet the running store refuses its password and nobody may restart it now.
    case credentialsRefused(path: String)
    /// `mongod` did not end after SIGTERM.
    case didNotStop(pid: Int32, after: Duration)
    /// A command that sets the store up failed.
    case setupFailed(step: String, reason: String)
    /// No store appeared in time.
    case waitTimedOut(path: String, after: Duration, reason: String)
    /// The store was closed already.
    case closed

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .noDataDirectory:
            "Cannot tell where to keep the data: HOME is not set. Set it, or pass --data-dir DIR."
        case .dataDirectoryUnusable(let path, .writableByOthers):
            "The data directory cannot be used: group or others may write to \(path), so they could swap the store's "
                + "files. Run `chmod go-w '\(path)'`, or choose another place with --data-dir."
        case .dataDirectoryUnusable(let path, let problem):
            "The data directory cannot be used: \(path): \(problem)"
        case .fileNotPrivate(let path, let reason):
            "\(path) holds secrets but \(reason). If nobody else could have read or changed it, run "
                + "`chown \"$(id -un)\" '\(path)' && chmod 600 '\(path)'`; otherwise delete it, "
                + "the next start makes a new one."
        case .fileCorrupt(let path, let reason):
            "\(path) is damaged: \(reason). Delete it; the next start makes a new one, and no trial is lost."
        case .mongodMissing(let searched):
            "No mongod found (looked at \(searched.joined(separator: ", "))). Run scripts/setup, install MongoDB "
                + "\(MongodVersion.minimum) or newer, name one with --mongod or HYPER_MONGOD, "
                + "or use a server with --mongo URI."
        case .mongodNotExecutable(let path):
            "\(path) is not an executable file. Run `chmod +x '\(path)'`, "
                + "or name another with --mongod or HYPER_MONGOD."
        case .mongodUnusable(let path, let reason):
            "\(path) does not work as mongod: \(reason). Run scripts/setup, "
                + "or name another with --mongod or HYPER_MONGOD."
        case .mongodTooOld(let path, let found):
            "\(path) is MongoDB \(found), and \(MongodVersion.minimum) or newer is needed. Run scripts/setup, "
                + "or name a newer one with --mongod or HYPER_MONGOD."
        default:
            runningDescription
        }
    }

    private var runningDescription: String {
        switch self {
        case .startLockTimedOut(let path, let delay):
            "Another process has been starting or stopping the store for \(delay) (it holds \(path)). "
                + "Look for a hanging hyperserver (`fuser '\(path)'`), end it, and try again."
        case .dataDirectoryLocked(let path, let pid, let machine):
            "The data directory \(path) is in use by another mongod (\(Self.process(pid, machine))). "
                + "Stop that one (`kill PID`, never kill -9), or choose another directory with --data-dir."
        case .mongodExited(let ending, let log):
            "mongod did not start: \(ending).\(Self.quoted(log))"
        case .incompatibleData(let path, let version, let log):
            "mongod \(version) cannot read the data in \(path); another release of MongoDB wrote it. Use that release "
                + "(--mongod), or another directory (--data-dir).\(Self.quoted(log))"
        case .notReady(let delay, let doing, let log):
            "mongod was not ready after \(delay) (\(doing)). Is the machine overloaded or the disk full? "
                + "Try again.\(Self.quoted(log))"
        case .noFreePort(let port):
            "No free TCP port for mongod\(port.map { " (\($0) is taken)" } ?? ""). "
                + "End the program that holds it, or try again."
        case .invalidListening(let reason):
            "The store cannot be opened to other nodes: \(reason)"
        case .restartNeeded(let pid):
            "The store (mongod, pid \(pid)) runs with other listening addresses and is in use by other programs. "
                + "End the other hyperserver and hyperworker programs of this data directory, then try again."
        case .credentialsRefused(let path):
            "The running store refuses the password in \(path), and other programs use the store. "
                + "End the other hyperserver and hyperworker programs of this data directory, then try again."
        case .didNotStop(let pid, let delay):
            "mongod (pid \(pid)) did not end within \(delay) of SIGTERM and was left running, to keep the data sound. "
                + "It ends by itself when its writes are done; the next hyperserver uses it if not."
        case .setupFailed(let step, let reason):
            "The store could not be set up (\(step)): \(reason). Try again; "
                + "mongod.log in the data directory tells more."
        case .waitTimedOut(let path, let delay, let reason):
            "No store in \(path) after \(delay): \(reason). Start one with `hyperserver start`, or pass --mongo URI."
        default:
            "The store was closed already. Open it again."
        }
    }

    private static func process(_ pid: Int32?, _ machine: String?) -> String {
        (pid.map { "pid \($0)" } ?? "in another container or on another machine")
            + (machine.map { ", last seen on \($0)" } ?? "")
    }

    private static func quoted(_ log: String) -> String {
        log.isEmpty ? " Its log is empty." : " The end of its log:\n\(log)"
    }
}
