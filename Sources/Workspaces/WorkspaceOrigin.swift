import ExperimentModel

/// Where a worker gets a workspace from.
enum WorkspaceOrigin {
    /// An archive in the store, by the hash of its content.
    case stored(hash: String)
    /// A commit of a repository.
    case git(url: String, commit: String, reference: String?, subdirectory: String?)

    /// - Throws: ``WorkspaceError/noContent``.
    init(_ workspace: WorkspaceSpecification) throws(WorkspaceError) {
        switch (workspace.source, workspace.content) {
        case (.path, .snapshot(let hash, _, _)) where Self.isHash(hash): self = .stored(hash: hash)
        case (.git(let url, let reference, let subdirectory), .commit(let commit)) where GitRepository.isCommit(commit):
            self = .git(url: url, commit: commit, reference: reference, subdirectory: subdirectory)
        default: throw .noContent
        }
    }

    /// A name for files, which tells it from every other.
    var key: String {
        switch self {
        case .stored(let hash): hash
        case .git(let url, let commit, _, let subdirectory):
            "git-" + SHA256.hex(of: "\(url)\0\(commit)\0\(subdirectory ?? "")")
        }
    }

    /// The name of its archive.
    func fileName(hash: String) -> String {
        switch self {
        case .stored: CachedArchive.name(hash)
        case .git: CachedArchive.name("\(key).\(hash)")
        }
    }

    /// The hash that the content of a file must have, if the name is that of its archive.
    func hash(ofFileNamed name: String) -> String? {
        guard let stem = CachedArchive.stem(of: name) else { return nil }
        switch self {
        case .stored(let hash): return stem == hash ? hash : nil
        case .git:
            guard stem.hasPrefix(key + ".") else { return nil }
            let hash = String(stem.dropFirst(key.count + 1))
            return Self.isHash(hash) ? hash : nil
        }
    }

    private static func isHash(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
