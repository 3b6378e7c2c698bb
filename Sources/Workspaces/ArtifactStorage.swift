public import Coordination
public import Execution
public import ExperimentModel
public import Logging
import Synchronization

/// Keeps the artifacts of attempts in the store.
public final class ArtifactStorage: ArtifactKeeper {
    /// How long the store may be away before artifacts are left on the worker.
    static let patience: Duration = .seconds(60)
    private static let retryDelay: Duration = .seconds(2)
    /// Names of skipped files that are told.
    private static let toldNames = 3

    private let workDirectory: String
    private let host: String
    private let store: any FileStore
    private let logger: Logger

    /// Artifacts of attempts that ran in a work directory.
    /// - Parameter host: the name of this host, for messages.
    public init(workDirectory: String, host: String, store: any FileStore, logger: Logger) {
        self.workDirectory = workDirectory
        self.host = host
        self.store = store
        self.logger = logger
    }

    /// See ``ArtifactKeeper``.
    public func keep(_ trial: TrialID, attempt: Int, _ rules: ArtifactRules) async -> String? {
        let directory: String
        do {
            directory = try AttemptDirectory(root: workDirectory, trial: trial, attempt: attempt).outputDirectory
        } catch {
            return "artifacts are not kept: \(error)"
        }
        do {
            let scan = try await WorkspaceThreads.run { try ArtifactScan(of: directory, rules) }
            if scan.isCut {
                return refusal("they are more than \(ArtifactScan.largestCount) files", directory)
            }
            guard scan.bytes <= rules.maximumBytes else {
                let sizes = "\(ByteCount.text(scan.bytes)), more than \(ByteCount.text(rules.maximumBytes))"
                return refusal("they have \(sizes) (artifacts.max_bytes)", directory)
            }
            for file in scan.files {
                try await store(file, "\(directory)/\(file.path)", trial, attempt)
            }
            if !scan.files.isEmpty { logger.debug("kept \(scan.files.count) artifacts of trial \(trial)") }
            guard scan.skipped.isEmpty else {
                let names = scan.skipped.prefix(Self.toldNames).map(\.debugDescription).joined(separator: ", ")
                let more = scan.skipped.count > Self.toldNames ? " and \(scan.skipped.count - Self.toldNames) more" : ""
                return "these artifacts are not kept, since they are no plain files: \(names)\(more)"
            }
            return nil
        } catch {
            return refusal("\(error)", directory)
        }
    }

    private func refusal(_ reason: String, _ directory: String) -> String {
        let text =
            "artifacts are not kept: \(reason.hasSuffix(".") ? String(reason.dropLast()) : reason); "
            + "they lie in \(directory) of \(host)"
        logger.warning("\(text)")
        return text
    }

    private func store(_ file: ArtifactScan.File, _ path: String, _ trial: TrialID, _ attempt: Int) async throws {
        let hash = try await WorkspaceThreads.run { try SHA256.hex(ofFileAt: path) }
        let name = StoredFileName.artifact(trial, attempt: attempt, path: file.path)
        let clock = ContinuousClock()
        let deadline = clock.now + Self.patience
        while true {
            do {
                try await store.storeFile(at: path, as: name, sha256: hash)
                return
            } catch let error as TrialStoreError where error.isRetryable && clock.now < deadline {
                try await clock.sleep(for: Self.retryDelay)
            }
        }
    }
}
