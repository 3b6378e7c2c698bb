import ExperimentModel
import Glibc
import ResultSpool

/// Finds what workers left in the work directory of this host: only what has one of our names, and never through a link.
public struct WorkDirectoryScan: Sendable {
    /// Entries of one attempt's directory that are counted at most; further ones are removed with it, uncounted.
    static let largestEntryCount = 1_000_000

    /// The work directory; absolute.
    public let root: String

    /// A scan of a work directory, which need not exist.
    public init(root: String) { self.root = root }

    /// Whether there is such a directory, maybe behind a link.
    public var exists: Bool { access(root + "/.", F_OK) == 0 }

    /// Every directory of an attempt, by trial and attempt.
    public func attempts() -> [AttemptFiles] {
        var found: [AttemptFiles] = []
        for experiment in DirectoryNames.all(in: root) where ExperimentID(experiment).isOurs {
            let place = "\(root)/\(experiment)"
            guard DirectoryReading.isDirectory(place) else { continue }
            for name in DirectoryNames.all(in: place) {
                guard let (number, attempt) = Self.parts(of: name) else { continue }
                let path = "\(place)/\(name)"
                guard DirectoryReading.isDirectory(path) else { continue }
                let all = DirectoryReading.measure(path, limit: Self.largestEntryCount)
                let output = DirectoryReading.measure("\(path)/output", limit: Self.largestEntryCount)
                found.append(
                    AttemptFiles(
                        trial: TrialID(experiment: ExperimentID(experiment), number: number),
                        attempt: attempt,
                        bytes: all.bytes,
                        artifactBytes: output.bytes,
                        changedAt: all.changedAt
                    )
                )
            }
        }
        return found.sorted { ($0.trial, $0.attempt) < ($1.trial, $1.attempt) }
    }

    /// Temporary files of workers that have a name, because their worker died before it could take it away.
    public func spools() -> [SpoolFile] {
        DirectoryNames.all(in: root).compactMap { name in
            let parts = name.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == ".log", let pid = Int32(parts[1]), pid > 0, UInt(parts[2]) != nil,
                let status = DirectoryReading.status("\(root)/\(name)"), status.st_mode & S_IFMT == S_IFREG
            else { return nil }
            return SpoolFile(
                name: name,
                processID: pid,
                bytes: Int64(status.st_size),
                changedAt: DirectoryReading.changeTime(status)
            )
        }.sorted { $0.name < $1.name }
    }

    /// Results that wait for the store and belong to no worker that lives, and such as cannot be read.
    public func results() -> [SpoolFile] {
        SpoolOverview(of: root).entries.filter { !$0.isInUse }.map { entry in
            SpoolFile(
                name: entry.name,
                processID: entry.processID,
                bytes: entry.bytes,
                changedAt: entry.changedAt,
                isResult: true
            )
        }
    }

    /// Workspaces that workers have brought here.
    public func workspaces() -> [ForgottenFile] {
        let place = "\(root)/\(Self.workspaceDirectory)"
        guard DirectoryReading.isDirectory(place) else { return [] }
        return DirectoryNames.all(in: place).sorted().compactMap { name in
            guard name.hasSuffix(Self.workspaceEnding), let status = DirectoryReading.status("\(place)/\(name)"),
                status.st_mode & S_IFMT == S_IFREG
            else { return nil }
            return ForgottenFile(
                place: .cached(name: name),
                bytes: Int64(status.st_size),
                usedAt: DirectoryReading.changeTime(status)
            )
        }
    }

    private static let workspaceDirectory = "workspaces"
    private static let workspaceEnding = ".tar.zst"

    /// Removes a workspace of this host; one that is being unpacked stays readable. - Returns: why it is left, or `nil`.
    public func remove(_ file: ForgottenFile) -> String? {
        guard case .cached(let name) = file.place else { return nil }
        let path = "\(root)/\(Self.workspaceDirectory)/\(name)"
        guard !name.contains("/"), unlink(path) != 0, errno != ENOENT else { return nil }
        return "\(path): \(String(cString: strerror(errno)))"
    }

    /// Removes an attempt's directory, and that of its experiment when it was the last.
    /// - Returns: why something is left, or `nil`.
    public func remove(_ files: AttemptFiles) -> String? {
        let experiment = files.trial.experiment.rawValue
        guard files.trial.experiment.isOurs else { return "\(experiment) is no name of ours" }
        let problem = DirectoryRemoval.remove([experiment, "\(files.trial.number)-\(files.attempt)"], in: root)
        // Fails unless it is empty, which is what is wanted.
        rmdir("\(root)/\(experiment)")
        return problem
    }

    /// Removes a temporary file. - Returns: why it is left, or `nil`.
    public func remove(_ spool: SpoolFile) -> String? {
        if spool.isResult { return SpoolOverview.remove(spool.name, in: root) }
        guard unlink("\(root)/\(spool.name)") != 0, errno != ENOENT else { return nil }
        return "\(root)/\(spool.name): \(String(cString: strerror(errno)))"
    }

    /// Trial and attempt of `17-2`.
    static func parts(of name: String) -> (trial: Int, attempt: Int)? {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let trial = Int(parts[0]), let attempt = Int(parts[1]), trial > 0, attempt > 0,
            "\(trial)-\(attempt)" == name
        else { return nil }
        return (trial, attempt)
    }
}
