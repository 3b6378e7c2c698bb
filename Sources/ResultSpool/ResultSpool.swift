public import Dispatch
public import ExperimentModel
import Glibc
public import Logging
import Synchronization

/// Keeps the results of a worker on disk until the store has them, and finds those that others have left.
///
/// All of it happens on one thread of its own, in the order of the calls, so that a slow disk holds up nobody else. What the
/// disk does not take is said once, until it takes something again.
public final class ResultSpool: Sendable {
    /// Writes a file; replaced in tests.
    public typealias Writer = @Sendable ([UInt8], _ path: String, _ isDurable: Bool) throws -> Void

    /// How long a note waits before it is written: nearly all results are in the store by then, and cost no write.
    public static let noteDelay: DispatchTimeInterval = .milliseconds(20)

    private struct State {
        /// Notes that are not written yet, by the names of their files.
        var notes: [String: SpooledResult] = [:]
        var own: SpoolDirectory?
        var isClosed = false
        var hasComplained = false
        /// Of each, the worker is said once that its results cannot be looked at.
        var unusable: Set<String> = []
    }

    private let workDirectory: String
    private let worker: WorkerID
    private let noteDelay: DispatchTimeInterval
    private let writer: Writer
    private let logger: Logger
    private let state = Mutex(State())
    private let thread = DispatchQueue(label: "hyper.results")

    /// A spool; nothing is made on disk before there is something to keep.
    /// - Parameter workDirectory: a directory that exists.
    public init(
        workDirectory: String,
        worker: WorkerID,
        logger: Logger,
        noteDelay: DispatchTimeInterval = ResultSpool.noteDelay,
        writer: Writer? = nil
    ) {
        self.noteDelay = noteDelay
        self.workDirectory = workDirectory
        self.worker = worker
        self.logger = logger
        self.writer = writer ?? { try SpoolFile.write($0, to: $1, isDurable: $2) }
    }

    /// Where results of all workers of this host wait.
    public var place: String { "\(workDirectory)/\(SpoolDirectory.parentName)" }

    // MARK: Own results

    /// Writes a result down, soon, while it is on the way to the store, and without waiting: a kill of this process does not
    /// lose it, however long the store takes to answer.
    public func note(_ result: SpooledResult) {
        guard let name = result.fileName else { return }
        state.withLock { $0.notes[name] = result }
        thread.asyncAfter(deadline: .now() + noteDelay) {
            guard let result = self.takeNote(name) else { return }
            _ = self.write(result, isDurable: false)
        }
    }

    private func takeNote(_ name: String) -> SpooledResult? { state.withLock { $0.notes.removeValue(forKey: name) } }

    /// Keeps a result so that it outlives a crash of the machine. - Returns: whether the disk took it.
    public func keep(_ result: SpooledResult) async -> Bool {
        await onThread {
            _ = result.fileName.map(self.takeNote)
            return self.write(result, isDurable: true)
        }
    }

    /// Forgets a result, without waiting.
    public func forget(_ trial: TrialID, attempt: Int) {
        guard let name = SpooledResult.fileName(trial, attempt: attempt), takeNote(name) == nil else { return }
        thread.async {
            guard let own = self.state.withLock({ $0.own }) else { return }
            SpoolAccess.remove(SpoolFile(directory: own.path, name: name))
        }
    }

    /// An own result, as it was kept last; `nil` when it is not there.
    public func result(of trial: TrialID, attempt: Int) async -> SpooledResult? {
        guard let name = SpooledResult.fileName(trial, attempt: attempt) else { return nil }
        return await onThread {
            guard let own = self.state.withLock({ $0.own }) else { return nil }
            do {
                return try SpoolFile(directory: own.path, name: name).read()
            } catch {
                self.logger.error("the kept result of trial \(trial) cannot be read: \(error)")
                return nil
            }
        }
    }

    /// Ends the spool: what was begun is finished, and what is left belongs to whoever comes next.
    public func close() async {
        await onThread {
            let own = self.state.withLock { state in
                state.isClosed = true
                return state.own.take()
            }
            own?.removeIfEmpty()
        }
    }

    private func write(_ result: SpooledResult, isDurable: Bool) -> Bool {
        do {
            guard let name = result.fileName else {
                throw SpoolError.unwritable("the experiment's id is no name of a file")
            }
            try write(try result.encoded(), name, isDurable)
            state.withLock { $0.hasComplained = false }
            return true
        } catch {
            let isFirst = state.withLock { state in
                defer { state.hasComplained = true }
                return !state.hasComplained
            }
            if isFirst {
                logger.error(
                    "results cannot be kept on disk, and wait in memory until the store has them: \(error). Free some space in \(place); it is tried again."
                )
            }
            return false
        }
    }

    private func write(_ bytes: [UInt8], _ name: String, _ isDurable: Bool) throws {
        let own = try ownDirectory()
        // Somebody may have removed it under us.
        guard access(own.path, F_OK) != 0 else { return try writer(bytes, "\(own.path)/\(name)", isDurable) }
        state.withLock { $0.own = nil }
        try writer(bytes, "\(try ownDirectory().path)/\(name)", isDurable)
    }

    private func ownDirectory() throws -> SpoolDirectory {
        let (known, isClosed) = state.withLock { ($0.own, $0.isClosed) }
        if let known { return known }
        if isClosed { throw SpoolError.unwritable("the worker has left") }
        let made = try SpoolDirectory.make(in: workDirectory, worker: worker)
        state.withLock { $0.own = made }
        return made
    }

    // MARK: Results of others

    /// Takes over the results of workers of this host that are gone, each with the right to it as long as the value lives.
    public func abandoned() async -> [SpoolDirectory] {
        await onThread {
            let own = self.state.withLock { $0.own?.path }
            var found: [SpoolDirectory] = []
            for path in SpoolDirectory.all(in: self.workDirectory) where path != own {
                do {
                    guard let directory = try SpoolDirectory.takeOver(path) else { continue }
                    if directory.results.isEmpty { directory.removeIfEmpty() } else { found.append(directory) }
                } catch {
                    if self.state.withLock({ $0.unusable.insert(path).inserted }) {
                        self.logger.error("results of a worker that is gone cannot be looked at: \(error)")
                    }
                }
            }
            return found
        }
    }

    /// Gives an abandoned directory back; it goes if nothing is left in it.
    public func release(_ directory: SpoolDirectory) async {
        await onThread { directory.removeIfEmpty() }
    }

    /// Reads a result of a directory that was taken over.
    public func read(_ file: SpoolFile) async -> Result<SpooledResult, SpoolError> {
        await onThread { file.result }
    }

    /// Removes a result of a directory that was taken over.
    public func remove(_ file: SpoolFile) async { await onThread { SpoolAccess.remove(file) } }

    /// Puts a file that cannot be read out of the way. - Returns: its new name.
    public func setAside(_ file: SpoolFile) async -> String { await onThread { SpoolAccess.setAside(file) } }

    private func onThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
        await withCheckedContinuation { continuation in
            thread.async { continuation.resume(returning: body()) }
        }
    }
}
