public import ExperimentModel

/// How large a tree of files may be.
public struct WorkspaceLimits: Sendable, Hashable {
    /// Most files, links and directories.
    public var entries: Int
    /// Most bytes of all files together.
    public var bytes: Int64

    /// Most entries of a workspace: what has more is data, not source.
    public static let largestEntryCount = 100_000
    /// Levels of directories.
    public static let largestDepth = 128
    /// Bytes of a path, as the kernel allows.
    public static let largestPathBytes = 4096

    /// Limits.
    public init(bytes: Int64 = WorkspaceSpecification.defaultMaximumBytes, entries: Int = largestEntryCount) {
        self.bytes = bytes
        self.entries = entries
    }
}
