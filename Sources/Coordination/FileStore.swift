public import ExperimentModel

/// Files in the store: workspaces by the hash of their content, and artifacts of attempts.
///
/// As in ``TrialStore``, every call may be made again: after an error it is not known whether a write took effect.
public protocol FileStore: Sendable {
    /// Keeps the content of a local file under a name; returns when all of it is stored.
    ///
    /// A file is there for others as a whole or not at all. Storing a name again replaces nothing: what is there stays.
    /// - Throws: ``TrialStoreError``, and what reading the local file throws.
    func storeFile(at path: String, as name: StoredFileName) async throws

    /// Writes the content of a file to a new local file, which must not exist.
    /// - Returns: `false` when there is no such file; then nothing is made.
    func fetchFile(_ name: StoredFileName, to path: String) async throws -> Bool

    /// The files of a folder, by name.
    func storedFiles(in folder: StoredFileFolder) async throws -> [StoredFile]

    /// Removes files; those that are not there are passed over.
    func removeFiles(_ names: [StoredFileName]) async throws
}

/// Where a file belongs.
public enum StoredFileFolder: Sendable, Hashable {
    /// Archives of workspaces.
    case workspaces
    /// Artifacts of all attempts of an experiment.
    case artifacts(ExperimentID)
}

/// The name of a file in the store.
public enum StoredFileName: Sendable, Hashable {
    /// An archive with the files of a workspace, by the hash of its content.
    case workspace(hash: String)
    /// A file that an attempt left, by its path below the output directory.
    case artifact(TrialID, attempt: Int, path: String)
}

/// A file in the store.
public struct StoredFile: Sendable, Hashable {
    /// Its name.
    public var name: StoredFileName
    /// Its size.
    public var bytes: Int64
    /// When it was stored.
    public var storedAt: Timestamp

    /// A file.
    public init(name: StoredFileName, bytes: Int64, storedAt: Timestamp) {
        self.name = name
        self.bytes = bytes
        self.storedAt = storedAt
    }
}
