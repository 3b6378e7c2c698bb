public import Coordination
public import ExperimentModel

/// Brings the files of a workspace from where people have them into the store.
public struct WorkspaceStorage: Sendable {
    private let store: any FileStore

    /// Storage in a store.
    public init(_ store: any FileStore) { self.store = store }

    /// Bytes from which on it is worth telling that a workspace is being stored.
    public static let largeBytes: Int64 = 16 << 20

    /// The workspace with its content: a snapshot that is in the store when this returns, or the commit that a branch or tag
    /// names now.
    /// - Parameter progress: told in words what takes long.
    /// - Throws: ``WorkspaceError``, or the store's error.
    public func settle(
        _ workspace: WorkspaceSpecification,
        progress: @Sendable (String) -> Void = { _ in }
    ) async throws -> WorkspaceSpecification {
        var settled = workspace
        switch workspace.source {
        case .path(let path):
            let snapshot = try await Self.snapshot(workspace, path, isPacked: true)
            guard let archive = snapshot.archive else { return settled }
            if case .snapshot(_, let files, let bytes) = snapshot.content, bytes >= Self.largeBytes {
                progress("stores the workspace: \(files) files, \(ByteCount.text(bytes))")
            }
            try await store.storeFile(at: archive, as: .workspace(hash: snapshot.hash), sha256: nil)
            settled.content = snapshot.content
        case .git(let url, let reference, _):
            settled.content = .commit(try await GitRepository(url: url).commit(of: reference))
        }
        return settled
    }

    /// What the workspace would be if it were stored now; stores nothing. `nil` for a Git repository.
    public static func examine(_ workspace: WorkspaceSpecification) async throws -> WorkspaceSnapshot? {
        guard case .path(let path) = workspace.source else { return nil }
        return try await snapshot(workspace, path, isPacked: false)
    }

    private static func snapshot(
        _ workspace: WorkspaceSpecification,
        _ path: String,
        isPacked: Bool
    ) async throws -> WorkspaceSnapshot {
        try await WorkspaceThreads.run {
            try WorkspaceSnapshot(
                of: path,
                ignoring: workspace.ignore,
                maximumBytes: workspace.maximumBytes,
                isPacked: isPacked
            )
        }
    }
}
