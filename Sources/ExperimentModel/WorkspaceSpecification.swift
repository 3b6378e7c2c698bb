/// Files that every attempt finds in a directory of its own: the key `workspace` of the file.
public struct WorkspaceSpecification: Sendable, Hashable, Codable {
    /// Where the files come from.
    public enum Source: Sendable, Hashable {
        /// A directory, or a zip or tar archive, of the machine on which the experiment is created; absolute.
        case path(String)
        /// A Git repository: its URL (`https`, `http`, `ssh` or `file`), a branch, tag or commit (`nil`: what the remote's HEAD
        /// names), and a directory in it (`nil`: all of it).
        case git(url: String, reference: String?, subdirectory: String?)
    }

    /// What the files were when the experiment was created.
    public enum Content: Sendable, Hashable {
        /// An archive in the store, by the SHA-256 of what is in it (64 hexadecimal digits), with the number of its files
        /// and the sum of their bytes.
        case snapshot(hash: String, files: Int, bytes: Int64)
        /// A commit (40 or 64 hexadecimal digits).
        case commit(String)
    }

    /// Where the files come from.
    public var source: Source
    /// Patterns of files that are left out, as in `.hyperignore`.
    public var ignore: [String]
    /// Most bytes that the files may have together.
    public var maximumBytes: Int64
    /// What the files are; `nil` before the experiment is created.
    public var content: Content?

    /// Most bytes of a workspace, unless the file says otherwise: source trees are small, and data sets belong elsewhere.
    public static let defaultMaximumBytes: Int64 = 256 << 20

    /// A workspace.
    public init(
        source: Source,
        ignore: [String] = [],
        maximumBytes: Int64 = Self.defaultMaximumBytes,
        content: Content? = nil
    ) {
        self.source = source
        self.ignore = ignore
        self.maximumBytes = maximumBytes
        self.content = content
    }
}

/// The stored form: the keys of the file, and what was found.
extension WorkspaceSpecification {
    enum CodingKeys: String, CodingKey {
        case path, git, ignore, commit, files, bytes
        case reference = "ref"
        case subdirectory
        case maximumBytes = "max_bytes"
        case hash = "sha256"
    }

    /// Reads the stored form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let url = try container.decodeIfPresent(String.self, forKey: .git) {
            source = .git(
                url: url,
                reference: try container.decodeIfPresent(String.self, forKey: .reference),
                subdirectory: try container.decodeIfPresent(String.self, forKey: .subdirectory)
            )
        } else {
            source = .path(try container.decode(String.self, forKey: .path))
        }
        ignore = try container.decodeIfPresent([String].self, forKey: .ignore) ?? []
        maximumBytes = try container.decodeIfPresent(Int64.self, forKey: .maximumBytes) ?? Self.defaultMaximumBytes
        if let hash = try container.decodeIfPresent(String.self, forKey: .hash) {
            content = .snapshot(
                hash: hash,
                files: try container.decodeIfPresent(Int.self, forKey: .files) ?? 0,
                bytes: try container.decodeIfPresent(Int64.self, forKey: .bytes) ?? 0
            )
        } else {
            content = try container.decodeIfPresent(String.self, forKey: .commit).map { .commit($0) }
        }
    }

    /// Writes the stored form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch source {
        case .path(let path): try container.encode(path, forKey: .path)
        case .git(let url, let reference, let subdirectory):
            try container.encode(url, forKey: .git)
            try container.encodeIfPresent(reference, forKey: .reference)
            try container.encodeIfPresent(subdirectory, forKey: .subdirectory)
        }
        try container.encode(ignore, forKey: .ignore)
        try container.encode(maximumBytes, forKey: .maximumBytes)
        switch content {
        case .snapshot(let hash, let files, let bytes):
            try container.encode(hash, forKey: .hash)
            try container.encode(files, forKey: .files)
            try container.encode(bytes, forKey: .bytes)
        case .commit(let commit): try container.encode(commit, forKey: .commit)
        case nil: break
        }
    }
}
