import Coordination
import Execution
import ExperimentModel
import Logging
import Synchronization

/// Carries what an attempt reports and prints to the store, in batches, beside the attempt.
///
/// Nothing of it makes the trial wait: what the store has not taken yet waits here, reports up to a named limit in memory and
/// output in a ``LogSpool``.
final class AttemptUploader: AttemptSink {
    /// Observations that may wait; further ones are dropped and counted.
    static let observationCapacity = 200_000
    /// Observations in one write.
    static let observationBatch = 1000

    private struct Pending {
        var observations: [Observation] = []
        var dropped = 0
        var isClosed = false
    }

    private let store: any TrialStore
    private let logger: Logger
    private let spool: LogSpool
    private let pending = Mutex(Pending())
    private let reports = Signal()

    init(store: any TrialStore, spoolDirectory: String, logger: Logger) {
        self.store = store
        self.logger = logger
        spool = LogSpool(directory: spoolDirectory)
    }

    func observations(_ observations: [Observation]) {
        pending.withLock { pending in
            let room = max(0, Self.observationCapacity - pending.observations.count)
            pending.observations += observations.prefix(room)
            pending.dropped += observations.count - min(room, observations.count)
        }
        reports.send()
    }

    func log(_ chunk: LogChunk) { spool.append(chunk) }

    /// Says that nothing more comes: ``run(clock:)`` returns when the rest is stored.
    func close() {
        pending.withLock { $0.isClosed = true }
        reports.send()
        spool.finish()
    }

    /// Uploads until closed and empty, or cancelled; waits out a store that does not answer.
    func run(clock: some Clock<Duration> & Sendable) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.uploadObservations(clock) }
            group.addTask { await self.uploadLog(clock) }
        }
        let dropped = pending.withLock { $0.dropped }
        if dropped > 0 || spool.lostChunks > 0 {
            logger.warning(
                "the store was too slow: \(dropped) observations, \(spool.lostChunks) pieces of output were dropped"
            )
        }
    }

    private func uploadObservations(_ clock: some Clock<Duration>) async {
        for await _ in reports.stream {
            while let batch = nextObservations() {
                await persist(clock) { try await self.store.record(batch) }
            }
            if pending.withLock({ $0.isClosed && $0.observations.isEmpty }) { return }
        }
    }

    private func uploadLog(_ clock: some Clock<Duration>) async {
        while let chunk = await spool.next() {
            await persist(clock) { try await self.store.appendLog([chunk]) }
        }
    }

    private func nextObservations() -> [Observation]? {
        pending.withLock { pending in
            guard !pending.observations.isEmpty else { return nil }
            let batch = Array(pending.observations.prefix(Self.observationBatch))
            pending.observations.removeFirst(batch.count)
            return batch
        }
    }

    /// Repeats a write until it is done, refused for good, or the task is cancelled.
    private func persist(_ clock: some Clock<Duration>, _ write: () async throws -> Void) async {
        do {
            try await Backoff.untilAnswered(clock, write)
        } catch {
            if !Task.isCancelled {
                logger.error("reports or output could not be stored and are left out: \(error)")
            }
        }
    }
}
