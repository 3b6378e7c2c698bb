public import Execution
import ExperimentModel

/// What can be wrong with a workspace.
public enum WorkspaceError: Error, Equatable, Sendable {
    /// There is nothing at the path of the experiment file.
    case missing(path: String)
    /// Neither a directory nor an archive.
    case notAWorkspace(path: String)
    /// Something of it cannot be read.
    case unreadable(path: String, reason: String)
    /// A place on this machine cannot be written.
    case unwritable(path: String, reason: String)
    /// A name that is not UTF-8, or holds control characters.
    case badName(path: String)
    /// Links that lead out of the tree.
    case links([String])
    /// A socket, a pipe or a device.
    case special(path: String)
    /// A file that changed while it was read.
    case changed(path: String)
    /// More bytes than allowed; the largest files and directories.
    case tooLarge(bytes: Int64, limit: Int64, largest: [LargeEntry])
    /// More entries than allowed; the directories with the most.
    case tooMany(limit: Int, largest: [String])
    /// Directories in directories in directories.
    case tooDeep(path: String)
    /// An archive that is broken or hostile.
    case badArchive(reason: String)
    /// The archive is not what its name in the store says.
    case wrongContent(expected: String, found: String)
    /// The store has no such workspace.
    case notStored(hash: String)
    /// The experiment was stored without the content of its workspace.
    case noContent
    /// Git could not do what was asked.
    case git(String, isTroubleOfMachine: Bool)
    /// A pattern that cannot be read.
    case badPattern(String, reason: String)
}

/// A file or directory that makes a workspace large.
public struct LargeEntry: Sendable, Hashable {
    /// Its path in the workspace; a directory's ends in `/`.
    public var path: String
    /// Bytes of it, or of everything in it.
    public var bytes: Int64
}

extension WorkspaceError: CustomStringConvertible {
    /// Links that a message names.
    private static let shownLinks = 5

    /// What happened, why, and what to do.
    public var description: String {
        switch self {
        case .missing(let path):
            "the workspace \(path) does not exist; a relative path counts from the directory of the experiment file"
        case .notAWorkspace(let path):
            "the workspace \(path) is neither a directory nor an archive (zip, or tar as it is or compressed by gzip, bzip2, xz "
                + "or zstd)"
        case .unreadable(let path, let reason):
            "\(path) cannot be read: \(reason). Make it readable, or leave it out by a line in .hyperignore"
        case .unwritable(let path, let reason):
            "\(path) cannot be written: \(reason). Check the disk and who may write there"
        case .badName(let path):
            "the name \(path.debugDescription) is no UTF-8 text or has control characters; rename it, or leave its directory "
                + "out by a line in .hyperignore"
        case .links(let links):
            "symbolic links lead out of the workspace: "
                + links.prefix(Self.shownLinks).joined(separator: ", ")
                + (links.count > Self.shownLinks ? " and \(links.count - Self.shownLinks) more" : "")
                + ". Workers would not have what they point to: replace them by files or by relative links whose .. come "
                + "first, or leave them out by lines in .hyperignore"
        case .special(let path):
            "\(path) is no file, directory or link; leave it out by a line in .hyperignore"
        case .changed(let path):
            "\(path) changed while it was read; repeat the command when nobody writes there"
        case .tooLarge(let bytes, let limit, let largest):
            (bytes > limit
                ? "the workspace has \(ByteCount.text(bytes)), and" : "the workspace has more bytes than allowed;")
                + " \(ByteCount.text(limit)) is the most\(Self.list(largest)). Leave out what trials do not need by lines in .hyperignore (data sets "
                + "belong elsewhere), or raise workspace.max_bytes"
        case .tooMany(let limit, let largest):
            "the workspace has more than \(limit) files and directories"
                + (largest.isEmpty ? "" : "; most are in \(largest.joined(separator: ", "))")
                + ". Leave out what trials do not need by lines in .hyperignore"
        case .tooDeep(let path):
            "\(path) is nested too deeply (more than \(WorkspaceLimits.largestDepth) directories); leave it out by a line in "
                + ".hyperignore"
        case .badArchive(let reason):
            "the archive cannot be used: \(reason)"
        case .wrongContent(let expected, let found):
            "the stored workspace is not what its name says: expected the hash \(expected), found \(found). Somebody changed "
                + "it in the database; create the experiment again"
        case .notStored(let hash):
            "the store has no workspace \(hash); it was removed from the database. Create the experiment again"
        case .noContent:
            "the experiment was stored without the content of its workspace; create it again with `hyperserver create`"
        case .git(let reason, _): reason
        case .badPattern(let pattern, let reason):
            "the pattern \(pattern.debugDescription) cannot be used: \(reason)"
        }
    }

    private static func list(_ largest: [LargeEntry]) -> String {
        guard !largest.isEmpty else { return "" }
        return "; the largest: " + largest.map { "\($0.path) (\(ByteCount.text($0.bytes)))" }.joined(separator: ", ")
    }
}

extension WorkspaceError: AttemptTrouble {
    /// Whether another worker may fare better.
    public var isTroubleOfMachine: Bool {
        switch self {
        case .unwritable: true
        case .git(_, let isTroubleOfMachine): isTroubleOfMachine
        default: false
        }
    }
}
