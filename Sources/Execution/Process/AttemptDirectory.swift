public import ExperimentModel
import Foundation
import Glibc

/// The directory of one attempt: `<root>/<experiment>/<trial>-<attempt>/` with `params.json`, `metrics.jsonl` (which the
/// trial makes) and `output/`.
public struct AttemptDirectory: Sendable, Hashable {
    /// The directory itself; absolute.
    public let path: String
    /// The assignment as JSON.
    public var parametersFile: String { path + "/params.json" }
    /// Where the trial may append reports; it need not exist.
    public var metricsFile: String { path + "/metrics.jsonl" }
    /// Where `cloudml-hypertune` writes reports, if the trial uses it.
    public var hypertuneFile: String { path + "/hypertune.metrics" }
    /// Where the trial leaves its artifacts.
    public var outputDirectory: String { path + "/output" }
    /// The attempt's own copy of the workspace, if there is one; removed when the attempt is over.
    public var workspace: String { path + "/workspace" }

    /// Where the directory of an attempt is, or would be.
    ///
    /// - Throws: ``ExecutionError/unsafeIdentifier(_:)`` when the id of the experiment is no safe file name.
    public init(root: String, trial: TrialID, attempt: Int) throws(ExecutionError) {
        let experiment = trial.experiment.rawValue
        let isSafe = experiment.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
                || $0 == 0x5F
        }
        guard isSafe, !experiment.isEmpty else {
            throw ExecutionError.unsafeIdentifier(experiment)
        }
        path = "\(root)/\(experiment)/\(trial.number)-\(attempt)"
    }

    /// Makes the directory, empty but for the parameters.
    func create(parameters: String) throws(ExecutionError) {
        if mkdir(path, 0o700) != 0 {
            switch errno {
            case ENOENT:
                do {
                    let parent = (path as NSString).deletingLastPathComponent
                    try FileManager.default.createDirectory(
                        atPath: parent,
                        withIntermediateDirectories: true,
                        attributes: [.posixPermissions: 0o700]
                    )
                } catch {
                    throw ExecutionError.attemptDirectory(path: path, reason: error.localizedDescription)
                }
            // Attempts are never repeated: this is what another store left under the same names.
            case EEXIST: remove()
            default: throw failure(path)
            }
            guard mkdir(path, 0o700) == 0 else { throw failure(path) }
        }
        do throws(ExecutionError) {
            guard mkdir(outputDirectory, 0o700) == 0 else { throw failure(outputDirectory) }
            try write(parameters)
        } catch {
            // A full disk is tried again, and each try would leave a little more behind.
            remove()
            throw error
        }
    }

    /// Lets every user write here, and lets us read what any of them writes: who runs the command in a container may be anybody.
    ///
    /// The directories above stay closed to others of this machine.
    func openForContainer() {
        chmod(path, 0o777)
        chmod(outputDirectory, 0o777)
        chmod(parametersFile, 0o644)
        for file in [metricsFile, hypertuneFile] {
            let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { continue }
            fchmod(descriptor, 0o666)
            close(descriptor)
        }
        openWorkspace()
    }

    /// The copy of the workspace is the trial's to change; what can be run in it still can.
    private func openWorkspace() {
        guard chmod(workspace, 0o777) == 0, let names = FileManager.default.enumerator(atPath: workspace) else {
            return
        }
        for case let name as String in names {
            let path = workspace + "/" + name
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: chmod(path, 0o777)
            case S_IFREG: chmod(path, status.st_mode & 0o111 != 0 ? 0o777 : 0o666)
            default: break
            }
        }
    }

    /// What podman's monitor (conmon) leaves where it runs when the kernel killed for want of the container's memory; some
    /// versions tell podman nothing of it.
    private var memoryNote: String { path + "/oom" }

    /// Whether that is there; it is removed.
    func takeMemoryNote() -> Bool { unlink(memoryNote) == 0 }

    /// Makes the directory for the copy of a workspace.
    func createWorkspace() throws(ExecutionError) {
        guard mkdir(workspace, 0o700) == 0 else { throw failure(workspace) }
    }

    /// Removes the copy of the workspace with everything that the trial left in it.
    func removeWorkspace() { try? FileManager.default.removeItem(atPath: workspace) }

    private func write(_ parameters: String) throws(ExecutionError) {
        if !PrivateFile.make(parameters + "\n", at: parametersFile) { throw failure(parametersFile) }
    }

    /// Marks the directory as in use until the descriptor is closed; a process that dies gives it free. Whoever cleans up
    /// takes the lock for itself first.
    /// - Returns: the descriptor, or -1 where the file system knows no locks.
    func lock() -> Int32 {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return -1 }
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return descriptor }
        close(descriptor)
        return -1
    }

    /// Removes the directory when the trial left nothing in `output/`; does nothing otherwise.
    public func removeIfNoOutput() {
        guard rmdir(outputDirectory) == 0 else { return }
        unlink(parametersFile)
        unlink(metricsFile)
        unlink(hypertuneFile)
        // A trial may have put more here; that stays.
        rmdir(path)
    }

    /// Removes the directory with everything in it; links in it are removed, not followed.
    public func remove() { try? FileManager.default.removeItem(atPath: path) }

    private func failure(_ path: String) -> ExecutionError {
        .attemptDirectory(path: path, reason: String(cString: strerror(errno)))
    }
}
