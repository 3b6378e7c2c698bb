public import Coordination
public import ExperimentModel
import Foundation

extension MemoryTrialStore {
    /// A file that is kept.
    struct KeptFile {
        var bytes: Data
        var storedAt: Timestamp
        var sha256: String?
    }

    /// See `FileStore`.
    @discardableResult
    public func storeFile(at path: String, as name: StoredFileName, sha256: String?) throws -> Bool {
        let now = clock()
        if storedFiles[name] != nil {
            storedFiles[name]?.storedAt = now
            return false
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        storedFiles[name] = KeptFile(bytes: bytes, storedAt: now, sha256: sha256)
        return true
    }

    /// See `FileStore`.
    public func fetchFile(_ name: StoredFileName, to path: String) throws -> Bool {
        guard let file = storedFiles[name] else { return false }
        try file.bytes.write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        return true
    }

    /// See `FileStore`.
    public func storedFiles(in folder: StoredFileFolder) -> [StoredFile] {
        storedFiles.filter { folder.contains($0.key) }.map { name, file in
            StoredFile(name: name, bytes: Int64(file.bytes.count), storedAt: file.storedAt, sha256: file.sha256)
        }.sorted { $0.name.text < $1.name.text }
    }

    /// See `FileStore`.
    public func removeFiles(_ names: [StoredFileName], storedBefore: Timestamp?) {
        for name in names {
            guard let file = storedFiles[name], storedBefore.map({ file.storedAt < $0 }) ?? true else { continue }
            storedFiles[name] = nil
        }
    }

    /// See `FileStore`.
    public func referencedWorkspaces() -> Set<String> {
        let definitions = (Array(records.values) + deleted.values).map(\.experiment.definition)
        return Set(
            definitions.compactMap { definition in
                if case .snapshot(let hash, _, _) = definition.workspace?.content { hash } else { nil }
            }
        )
    }

    /// A file is stored at once: nothing is ever unfinished.
    public func unfinishedFiles(before: Timestamp) -> StoredPieces { StoredPieces() }

    /// See ``unfinishedFiles(before:)``.
    public func removeUnfinishedFiles(before: Timestamp) {}
}
