import Coordination
import ExperimentModel
import MemoryTrialStore

/// Files; no simulated experiment has any.
extension StoreLink: FileStore {
    @discardableResult
    func storeFile(at path: String, as name: StoredFileName, sha256: String?) async throws -> Bool {
        try await call(.aside("store \(name.text)")) {
            try await $0.memory.storeFile(at: path, as: name, sha256: sha256)
        }
    }

    func fetchFile(_ name: StoredFileName, to path: String) async throws -> Bool {
        try await call(.read("fetch \(name.text)")) { try await $0.memory.fetchFile(name, to: path) }
    }

    func storedFiles(in folder: StoredFileFolder) async throws -> [StoredFile] {
        try await call(.read("files")) { await $0.memory.storedFiles(in: folder) }
    }

    func removeFiles(_ names: [StoredFileName], storedBefore: Timestamp?) async throws {
        try await call(.aside("remove files")) { await $0.memory.removeFiles(names, storedBefore: storedBefore) }
    }

    func referencedWorkspaces() async throws -> Set<String> {
        try await call(.read("workspaces")) { await $0.memory.referencedWorkspaces() }
    }

    func unfinishedFiles(before: Timestamp) async throws -> StoredPieces {
        try await call(.read("unfinished files")) { await $0.memory.unfinishedFiles(before: before) }
    }

    func removeUnfinishedFiles(before: Timestamp) async throws {
        try await call(.aside("remove unfinished files")) { await $0.memory.removeUnfinishedFiles(before: before) }
    }
}
