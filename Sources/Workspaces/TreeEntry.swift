/// One thing in a tree of files.
public struct TreeEntry: Sendable, Hashable {
    /// What it is.
    public enum Kind: Sendable, Hashable {
        /// A directory.
        case directory
        /// A file with its size; its bytes follow.
        case file(bytes: Int64, isExecutable: Bool)
        /// A symbolic link to a place in the same tree.
        case link(target: String)
    }

    /// Its path below the root: names joined by `/`, none of them `.` or `..`.
    public var path: String
    /// What it is.
    public var kind: Kind

    /// An entry.
    public init(path: String, kind: Kind) {
        self.path = path
        self.kind = kind
    }

    /// Bytes of its content.
    public var bytes: Int64 {
        if case .file(let bytes, _) = kind { bytes } else { 0 }
    }
}

/// Takes a tree in, entry by entry, each directory before what is in it.
protocol TreeSink {
    /// An entry begins; the bytes of a file follow.
    func begin(_ entry: TreeEntry) throws
    /// The next bytes of the file that has begun.
    func append(_ bytes: UnsafeRawBufferPointer) throws
    /// The tree is complete.
    func finish() throws
}

/// Hands a tree to two sinks.
struct BothSinks: TreeSink {
    let first: any TreeSink
    let second: any TreeSink

    func begin(_ entry: TreeEntry) throws {
        try first.begin(entry)
        try second.begin(entry)
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try first.append(bytes)
        try second.append(bytes)
    }

    func finish() throws {
        try first.finish()
        try second.finish()
    }
}
