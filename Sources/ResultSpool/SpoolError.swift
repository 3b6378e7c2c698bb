import Glibc

/// What can go wrong with results on disk.
public enum SpoolError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The system refused something, such as a write to a full disk.
    case system(path: String, code: Int32)
    /// A result that has no form on disk.
    case unwritable(String)
    /// A file of a newer version of this program.
    case newer(found: Int)
    /// A file that is damaged or was edited.
    case unreadable(String)

    /// What happened.
    public var description: String {
        switch self {
        case .system(let path, let code): "\(path): \(String(cString: strerror(code)))"
        case .unwritable(let reason): "it cannot be written down: \(reason)"
        case .newer(let found):
            "it has form \(found), and this version knows up to \(SpooledResult.formatVersion); a worker of the newer version "
                + "takes it"
        case .unreadable(let reason): reason
        }
    }
}
