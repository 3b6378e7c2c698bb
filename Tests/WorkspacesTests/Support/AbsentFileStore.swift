import Coordination
import ExperimentModel

/// A store of files that never answers.
struct AbsentFileStore: FileStore {
    /// Called before each answer.
    let asked: @Sendable () -> Void

    private func fail() -> TrialStoreError {
        asked()
        return .unavailable("away")
    }

    func storeFile(at path: String, as name: StoredFileName, sha256: String?) async throws -> Bool { throw fail() }
    func fetchFile(_ name: StoredFileName, to path: String) async throws -> Bool { throw fail() }
    func storedFiles(in folder: StoredFileFolder) async throws -> [StoredFile] { throw fail() }
    func removeFiles(_ names: [StoredFileName], storedBefore: Timestamp?) async throws { throw fail() }
    func referencedWorkspaces() async throws -> Set<String> { throw fail() }
    func unfinishedFiles(before: Timestamp) async throws -> StoredPieces { throw fail() }
    func removeUnfinishedFiles(before: Timestamp) async throws { throw fail() }
}
