import Coordination
import Execution
import ExperimentModel
import Logging
import Synchronization

/// Carries what all attempts of a worker report and print to the store.
///
/// While one write is on its way, what comes meanwhile gathers for the next: with many short trials one write serves many of
/// them, and a lone report waits for nothing.
final class UploadQueue: Sendable {
    /// Observations in one write.
    static let observationBatch = 1000
    /// Bytes of output in one write, within a piece.
    static let outputBatchBytes = 4 << 20

    /// The two writes of the store.
    struct Writes: Sendable {
        var record: @Sendable ([Observation]) async throws -> Void
        var appendLog: @Sendable ([LogChunk]) async throws -> Void
    }

    private let writes: Writes
    private let spoolDirectory: String
    private let logger: Logger
    private struct State {
        var attempts: [AttemptUploader] = []
        var isAbandoned = false
    }

    private let state = Mutex(State())
    private let reports = Signal()
    private let output = Signal()

    init(_ writes: Writes, spoolDirectory: String, logger: Logger) {
        self.writes = writes
        self.spoolDirectory = spoolDirectory
        self.logger = logger
    }

    /// A place for what a new attempt produces; ``remove(_:)`` ends it.
    func add() -> AttemptUploader {
        let attempt = AttemptUploader(spoolDirectory: spoolDirectory, reports: reports, output: output)
        let isAbandoned = state.withLock { state in
            state.attempts.append(attempt)
            return state.isAbandoned
        }
        if isAbandoned { attempt.abandon() }
        return attempt
    }

    /// Lets go whoever waits for uploads, now or later; ``run(clock:)`` goes on with what there is until it is cancelled.
    func abandon() {
        let waiting = state.withLock { state in
            state.isAbandoned = true
            return state.attempts
        }
        for attempt in waiting { attempt.abandon() }
    }

    /// Forgets an attempt; what it still holds is not stored.
    func remove(_ attempt: AttemptUploader) {
        let isAbandoned = state.withLock { state in
            state.attempts.removeAll { $0 === attempt }
            return state.isAbandoned
        }
        if isAbandoned, !attempt.isStored {
            logger.warning("the worker leaves before all reports and output of an attempt were stored")
        }
        let losses = attempt.losses
        if losses.observations > 0 || losses.output > 0 {
            logger.warning(
                "the store was too slow: \(losses.observations) observations, \(losses.output) pieces of output were dropped"
            )
        }
    }

    /// Uploads until cancelled; waits out a store that does not answer.
    func run(clock: some Clock<Duration> & Sendable) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in self.reports.stream {
                    while let parts = self.nextObservations() {
                        await self.store(parts, clock) { try await self.writes.record($0) }
                        for part in parts { part.attempt.observationsFinished() }
                    }
                }
            }
            group.addTask {
                for await _ in self.output.stream {
                    while let parts = self.nextOutput() {
                        await self.store(parts, clock) { try await self.writes.appendLog($0) }
                        for part in parts { part.attempt.outputFinished() }
                    }
                }
            }
        }
    }

    /// What one attempt adds to a write.
    private struct Part<Item: Sendable>: Sendable {
        var attempt: AttemptUploader
        var items: [Item]
    }

    private func nextObservations() -> [Part<Observation>]? {
        let waiting = state.withLock { $0.attempts }
        // Each has its share, so that one that reports without end does not hold up the others.
        let share = max(1, Self.observationBatch / max(1, waiting.count))
        let parts = waiting.map { Part(attempt: $0, items: $0.takeObservations(atMost: share)) }
            .filter { !$0.items.isEmpty }
        return parts.isEmpty ? nil : parts
    }

    private func nextOutput() -> [Part<LogChunk>]? {
        let waiting = state.withLock { $0.attempts }
        let share = Self.outputBatchBytes / max(1, waiting.count)
        var parts: [Part<LogChunk>] = []
        for attempt in waiting {
            var chunks: [LogChunk] = []
            var bytes = 0
            while bytes < share, let chunk = attempt.takeOutput() {
                chunks.append(chunk)
                bytes += chunk.bytes.count
            }
            if !chunks.isEmpty { parts.append(Part(attempt: attempt, items: chunks)) }
        }
        return parts.isEmpty ? nil : parts
    }

    /// Stores parts together; what the store refuses of one attempt does not cost the others theirs.
    private func store<Item>(
        _ parts: [Part<Item>],
        _ clock: some Clock<Duration>,
        _ write: ([Item]) async throws -> Void
    ) async {
        do {
            try await Self.repeating(parts.flatMap(\.items), clock, write)
        } catch {
            if Task.isCancelled { return }
            if parts.count == 1 {
                return logger.error("reports or output could not be stored and are left out: \(error)")
            }
            for part in parts {
                do {
                    try await Self.repeating(part.items, clock, write)
                } catch {
                    if Task.isCancelled { return }
                    logger.error("reports or output could not be stored and are left out: \(error)")
                }
            }
        }
    }

    /// Writes until all is stored, however often the store does not answer.
    ///
    /// After each time it tries half as much: on a slow line a large write would meet the driver's time-out each time, and
    /// nothing would ever be stored. What is stored twice by that counts once.
    /// - Throws: what repeating does not mend; `CancellationError`.
    private static func repeating<Item>(
        _ items: [Item],
        _ clock: some Clock<Duration>,
        _ write: ([Item]) async throws -> Void
    ) async throws {
        var rest = items[...]
        var count = rest.count
        var backoff = Backoff()
        while !rest.isEmpty {
            try Task.checkCancellation()
            do {
                try await write(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
                count *= 2
                backoff = Backoff()
            } catch let error as TrialStoreError where error.isRetryable {
                count = max(1, min(count, rest.count) / 2)
                try await clock.sleep(for: backoff.next())
            }
        }
    }
}
