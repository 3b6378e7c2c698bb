import Coordination
import Execution
import ExperimentModel
import Logging
import Synchronization

/// Carries what an attempt reports and prints to the store, in batches, beside the attempt.
///
/// Nothing of it makes the trial wait: what the store has not taken yet waits here, up to named limits.
final class AttemptUploader: AttemptSink {
    /// Observations that may wait; further ones are dropped and counted.
    static let observationCapacity = 100_000
    /// Observations in one write.
    static let observationBatch = 1000
    /// Bytes of output that may wait, beside the executor's own cap; further ones are dropped and counted.
    static let logCapacityBytes = 96 << 20
    /// Bytes of output in one write; far below the server's limit of 48 MB a message.
    static let logBatchBytes = 4 << 20

    private struct Pending {
        var observations: [Observation] = []
        var chunks: [LogChunk] = []
        var chunkBytes = 0
        var droppedObservations = 0
        var droppedBytes = 0
        var isClosed = false
    }

    private let store: any TrialStore
    private let logger: Logger
    private let pending = Mutex(Pending())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(store: any TrialStore, logger: Logger) {
        self.store = store
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func observations(_ observations: [Observation]) {
        pending.withLock { pending in
            let room = max(0, Self.observationCapacity - pending.observations.count)
            pending.observations += observations.prefix(room)
            pending.droppedObservations += observations.count - min(room, observations.count)
        }
        signal.yield()
    }

    func log(_ chunk: LogChunk) {
        pending.withLock { pending in
            if pending.chunkBytes + chunk.bytes.count > Self.logCapacityBytes {
                pending.droppedBytes += chunk.bytes.count
            } else {
                pending.chunks.append(chunk)
                pending.chunkBytes += chunk.bytes.count
            }
        }
        signal.yield()
    }

    /// Says that nothing more comes: ``run(clock:)`` returns when the rest is stored.
    func close() {
        pending.withLock { $0.isClosed = true }
        signal.yield()
    }

    /// Uploads until closed and empty, or cancelled; waits out a store that does not answer.
    func run(clock: some Clock<Duration>) async {
        var backoff = Backoff()
        for await _ in signals {
            while let batch = nextBatch() {
                while !Task.isCancelled {
                    do {
                        if !batch.observations.isEmpty { try await store.record(batch.observations) }
                        if !batch.chunks.isEmpty { try await store.appendLog(batch.chunks) }
                        backoff.reset()
                        break
                    } catch let error as TrialStoreError where error.isRetryable {
                        // A cancelled sleep throws, and the condition ends the loop.
                        try? await clock.sleep(for: backoff.next())
                    } catch {
                        logger.error("reports or output could not be stored and are left out: \(error)")
                        break
                    }
                }
            }
            if Task.isCancelled || pending.withLock({ $0.isClosed }) { break }
        }
        let (observations, bytes) = pending.withLock { ($0.droppedObservations, $0.droppedBytes) }
        if observations > 0 || bytes > 0 {
            logger.warning("the store was too slow: \(observations) observations and \(bytes) bytes of output were dropped")
        }
    }

    private func nextBatch() -> (observations: [Observation], chunks: [LogChunk])? {
        pending.withLock { pending in
            let observations = Array(pending.observations.prefix(Self.observationBatch))
            pending.observations.removeFirst(observations.count)
            var bytes = 0
            let count = pending.chunks.prefix { chunk in
                defer { bytes += chunk.bytes.count }
                return bytes < Self.logBatchBytes
            }.count
            let chunks = Array(pending.chunks.prefix(count))
            pending.chunks.removeFirst(count)
            pending.chunkBytes -= chunks.reduce(0) { $0 + $1.bytes.count }
            return observations.isEmpty && chunks.isEmpty ? nil : (observations, chunks)
        }
    }
}
