import Glibc

/// What is wrong with the data directory or a file in it.
public enum DataDirectoryProblem: Sendable, Equatable, CustomStringConvertible {
    /// The file system is mounted read-only.
    case readOnly
    /// The path, or a part of it, is a file.
    case notADirectory
    /// This user may not write there.
    case noPermission
    /// No space or no quota is left.
    case diskFull
    /// Group or others may write, so they could swap the files.
    case writableByOthers
    /// Any other answer of the system.
    case system(String)

    /// The problem that a failed system call reported.
    init(errno code: Int32) {
        switch code {
        case EROFS: self = .readOnly
        case ENOTDIR, EEXIST: self = .notADirectory
        case EACCES, EPERM: self = .noPermission
        case ENOSPC, EDQUOT: self = .diskFull
        default: self = .system(String(cString: strerror(code)))
        }
    }

    /// The problem and its remedy.
    public var description: String {
        switch self {
        case .readOnly: "the file system is read-only. Choose a writable place with --data-dir."
        case .notADirectory: "it is not a directory. Move the file away, or choose another place with --data-dir."
        case .noPermission: "permission denied. Make it yours (chown), or choose another place with --data-dir."
        case .diskFull: "the disk is full. Free some space, or choose another disk with --data-dir."
        case .writableByOthers:
            "group or others may write to it, so they could swap the store's files. Run `chmod go-w` on it, "
                + "or choose another place with --data-dir."
        case .system(let text): "\(text). Choose another place with --data-dir."
        }
    }
}
