public import ExperimentModel

/// Files in the store: workspaces by the hash of their content, and artifacts of attempts.
///
/// As in ``TrialStore``, every call may be made again: after an error it is not known whether a write took effect.
public protocol FileStore: Sendable {
    /// Keeps the content of a local file under a name; returns when all of it is stored.
    ///
    /// A file is there for others as a whole or not at all. Storing a name again replaces nothing: what is there stays, and
    /// counts as stored now.
    /// - Parameter sha256: the hash of the file's bytes, to be told with it; `nil` when nobody wants to know.
    /// - Returns: whether the file was stored; `false` when its name was there.
    /// - Throws: ``TrialStoreError``, and what reading the local file throws.
    @discardableResult
    func storeFile(at path: String, as name: StoredFileName, sha256: String?) async throws -> Bool

    /// Writes the content of a file to a new local file, which must not exist.
    /// - Returns: `false` when there is no such file; then nothing is made.
    func fetchFile(_ name: StoredFileName, to path: String) async throws -> Bool

    /// The files of a folder, by name.
    func storedFiles(in folder: StoredFileFolder) async throws -> [StoredFile]

    /// Removes files; those that are not there are passed over.
    /// - Parameter storedBefore: leaves those that were stored at this moment of the store's clock or later; `nil`: none.
    func removeFiles(_ names: [StoredFileName], storedBefore: Timestamp?) async throws

    /// The hashes of the workspaces that experiments name, also of such experiments as cannot be read.
    func referencedWorkspaces() async throws -> Set<String>

    /// Pieces of files whose storing was cut short, or that began before a moment and are not complete yet.
    func unfinishedFiles(before: Timestamp) async throws -> StoredPieces

    /// Removes what ``unfinishedFiles(before:)`` finds.
    func removeUnfinishedFiles(before: Timestamp) async throws
}

/// Where a file belongs.
public enum StoredFileFolder: Sendable, Hashable {
    /// Archives of workspaces.
    case workspaces
    /// Artifacts of all attempts of an experiment.
    case artifacts(ExperimentID)
    /// Artifacts of one attempt.
    case attempt(TrialID, Int)

    /// Whether a file belongs here.
    public func contains(_ name: StoredFileName) -> Bool {
        switch (self, name) {
        case (.workspaces, .workspace): true
        case (.artifacts(let id), .artifact(let trial, _, _)): trial.experiment == id
        case (.attempt(let wanted, let number), .artifact(let trial, let attempt, _)):
            trial == wanted && attempt == number
        default: false
        }
    }
}

/// The name of a file in the store.
public enum StoredFileName: Sendable, Hashable {
    /// An archive with the files of a workspace, by the hash of its content.
    case workspace(hash: String)
    /// A file that an attempt left, by its path below the output directory.
    case artifact(TrialID, attempt: Int, path: String)

    /// The experiment that it belongs to; `nil` for a workspace, which belongs to all that name it.
    public var experiment: ExperimentID? {
        if case .artifact(let trial, _, _) = self { trial.experiment } else { nil }
    }

    /// The name as one text, different for different files.
    public var text: String {
        switch self {
        case .workspace(let hash): "workspaces/\(hash).tar.zst"
        case .artifact(let trial, let attempt, let path):
            "artifacts/\(trial.experiment)/\(trial.number)/\(attempt)/\(path)"
        }
    }
}

/// A file in the store.
public struct StoredFile: Sendable, Hashable {
    /// Its name.
    public var name: StoredFileName
    /// Its size.
    public var bytes: Int64
    /// When it was stored.
    public var storedAt: Timestamp
    /// The hash of its bytes, where that was told.
    public var sha256: String?

    /// A file.
    public init(name: StoredFileName, bytes: Int64, storedAt: Timestamp, sha256: String? = nil) {
        self.name = name
        self.bytes = bytes
        self.storedAt = storedAt
        self.sha256 = sha256
    }
}

/// Pieces in the store that belong to no file.
public struct StoredPieces: Sendable, Hashable {
    /// How many files they were to become.
    public var files: Int
    /// Bytes of them.
    public var bytes: Int64

    /// Pieces.
    public init(files: Int = 0, bytes: Int64 = 0) {
        self.files = files
        self.bytes = bytes
    }
}
