public import Coordination
public import Execution
public import ExperimentModel
import Foundation
import Glibc
public import Logging
import Synchronization

/// The workspaces of this machine: archives in a directory, each fetched once for all attempts and all workers that share the
/// directory.
///
/// An archive is fetched under a lock of its own, which the kernel drops with its holder, into a temporary file that gets its
/// name when its content has been compared with its hash. What was there before this process is compared once more.
public final class WorkspaceCache: WorkspaceProvider {
    /// Bytes of archives that are kept; the least recently used go first.
    public static let defaultLimitBytes: Int64 = 4 << 30
    /// Waits between two tries while the store does not answer.
    static let firstRetryDelay: Duration = .seconds(1)
    static let largestRetryDelay: Duration = .seconds(15)
    /// Waits between two looks at whether another worker has brought the archive.
    static let lockRetryDelay: Duration = .milliseconds(200)

    private struct State {
        var store: (any FileStore)?
        /// Fetches that are under way in this process.
        var fetches: [String: Task<CachedWorkspace, any Error>] = [:]
        /// Archives whose content has been compared, as they were then.
        var verified: [String: FileIdentity] = [:]
        /// How many attempts are using an archive.
        var uses: [String: Int] = [:]
    }

    let directory: String
    private let limitBytes: Int64
    private let logger: Logger
    private let state = Mutex(State())

    /// A cache in a directory of its own, which is made when it is needed.
    public init(directory: String, limitBytes: Int64 = defaultLimitBytes, logger: Logger) {
        self.directory = directory
        self.limitBytes = limitBytes
        self.logger = logger
    }

    /// Says where workspaces come from; must be called before an attempt is run.
    public func use(_ store: any FileStore) { state.withLock { $0.store = store } }

    /// See ``WorkspaceProvider``.
    public func prepare(_ workspace: WorkspaceSpecification) async throws -> any PreparedWorkspace {
        let origin = try WorkspaceOrigin(workspace)
        while true {
            let fetch = state.withLock { state in
                if let fetch = state.fetches[origin.key] { return fetch }
                // Ends by itself: every wait in it has a time-out, or ends when it is cancelled by the last who waits.
                let fetch = Task { try await self.bring(origin, workspace) }
                state.fetches[origin.key] = fetch
                return fetch
            }
            defer { state.withLock { if $0.fetches[origin.key] == fetch { $0.fetches[origin.key] = nil } } }
            do {
                return try await withTaskCancellationHandler {
                    try await fetch.value
                } onCancel: {
                    fetch.cancel()
                }
            } catch is CancellationError {
                // Another attempt that was stopped took the fetch with it; this one goes on.
                try Task.checkCancellation()
            }
        }
    }

    // MARK: - Fetching

    private func bring(_ origin: WorkspaceOrigin, _ workspace: WorkspaceSpecification) async throws -> CachedWorkspace {
        try makeDirectory()
        let lock = try await lock(origin.key)
        defer { close(lock) }
        if let known = try await find(origin, workspace) { return known }
        let place = try TemporaryDirectory(in: directory, prefix: ".fetch-")
        let archive = place.path + "/archive"
        let hash: String
        switch origin {
        case .stored(let expected):
            try await fetch(expected, to: archive)
            hash = try await verify(archive, expected, workspace)
        case .git(let url, let commit, let reference, let subdirectory):
            let exported = place.path + "/export.tar"
            let repository = place.path + "/repository"
            try await GitRepository(url: url).export(
                commit: commit,
                reference: reference,
                subdirectory: subdirectory,
                into: exported,
                directory: repository
            )
            hash = try await pack(exported, place.path + "/tree", archive, workspace)
        }
        let final = "\(directory)/\(origin.fileName(hash: hash))"
        guard rename(archive, final) == 0 else {
            throw WorkspaceError.unwritable(path: final, reason: String(cString: strerror(errno)))
        }
        logger.info("brought the workspace \(origin.key.prefix(16)) here")
        let brought = remember(final, hash, workspace)
        removeLeastUsed()
        return brought
    }

    /// The archive that is here already, if it is what it should be.
    private func find(_ origin: WorkspaceOrigin, _ workspace: WorkspaceSpecification) async throws -> CachedWorkspace? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names.sorted() {
            guard let hash = origin.hash(ofFileNamed: name) else { continue }
            let path = "\(directory)/\(name)"
            let isKnown = state.withLock { $0.verified[name] } == FileIdentity(of: path)
            if !isKnown {
                do {
                    _ = try await verify(path, hash, workspace)
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    logger.warning(
                        "the workspace \(name) on this machine is not what it was; it is fetched anew: \(error)"
                    )
                    unlink(path)
                    continue
                }
            }
            // So that the least recently used can be told.
            utimensat(AT_FDCWD, path, nil, 0)
            return remember(path, hash, workspace)
        }
        return nil
    }

    private func remember(_ path: String, _ hash: String, _ workspace: WorkspaceSpecification) -> CachedWorkspace {
        let name = (path as NSString).lastPathComponent
        state.withLock { $0.verified[name] = FileIdentity(of: path) }
        return CachedWorkspace(path: path, limits: WorkspaceLimits(bytes: workspace.maximumBytes))
    }

    private func fetch(_ hash: String, to archive: String) async throws {
        guard let store = state.withLock({ $0.store }) else {
            throw WorkspaceError.unreadable(path: "the store", reason: "it is not open yet")
        }
        var delay = Self.firstRetryDelay
        while true {
            do {
                guard try await store.fetchFile(.workspace(hash: hash), to: archive) else {
                    throw WorkspaceError.notStored(hash: hash)
                }
                return
            } catch let error as TrialStoreError where error.isRetryable {
                logger.warning("the workspace \(hash.prefix(12)) cannot be fetched yet: \(error)")
                unlink(archive)
                try await Task.sleep(for: delay)
                delay = min(delay * 2, Self.largestRetryDelay)
            }
        }
    }

    /// - Returns: the hash of an archive's content, which must be the one that is expected.
    private func verify(
        _ archive: String,
        _ expected: String,
        _ workspace: WorkspaceSpecification
    ) async throws -> String {
        let limits = WorkspaceLimits(bytes: workspace.maximumBytes)
        return try await WorkspaceThreads.run {
            let digest = ContentDigest()
            try ArchiveReader(path: archive, form: .ours, limits: limits).read(into: digest)
            guard digest.hash == expected else {
                throw WorkspaceError.wrongContent(expected: expected, found: digest.hash)
            }
            return digest.hash
        }
    }

    private func pack(
        _ exported: String,
        _ tree: String,
        _ archive: String,
        _ workspace: WorkspaceSpecification
    ) async throws -> String {
        let limits = WorkspaceLimits(bytes: workspace.maximumBytes)
        return try await WorkspaceThreads.run {
            guard mkdir(tree, 0o700) == 0 else {
                throw WorkspaceError.unwritable(path: tree, reason: String(cString: strerror(errno)))
            }
            try ArchiveReader(path: exported, form: .any, limits: limits).read(into: DirectoryWriter(root: tree))
            let files = try SnapshotTree(of: tree, ignoring: workspace.ignore, limits: limits)
            let digest = ContentDigest()
            try files.read(into: BothSinks(first: digest, second: ArchiveWriter(to: archive)))
            return digest.hash
        }
    }

    // MARK: - The directory

    private func makeDirectory() throws(WorkspaceError) {
        if mkdir(directory, 0o700) == 0 || errno == EEXIST { return }
        let failure = String(cString: strerror(errno))
        do {
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw .unwritable(path: directory, reason: failure)
        }
    }

    /// Waits until no other worker of this machine brings the same archive. The lock ends with its descriptor.
    private func lock(_ key: String) async throws -> Int32 {
        let path = "\(directory)/\(key).lock"
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw WorkspaceError.unwritable(path: path, reason: String(cString: strerror(errno)))
            }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
            close(descriptor)
            try await Task.sleep(for: Self.lockRetryDelay)
        }
    }

    /// Removes what was not used for the longest time, until the rest is small enough. An archive that is open stays readable.
    private func removeLeastUsed() {
        var archives = CachedArchive.all(in: directory)
        var total = archives.reduce(0) { $0 + $1.bytes }
        archives.sort { $0.usedAt < $1.usedAt }
        // The last is the one that was just brought.
        for archive in archives.dropLast() where total > limitBytes {
            total -= archive.bytes
            unlink("\(directory)/\(archive.name)")
            logger.info("removed the workspace \(archive.name.prefix(16)) from this machine, to make room")
        }
    }
}
