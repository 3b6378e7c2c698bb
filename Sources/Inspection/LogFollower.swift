public import Coordination
public import ExperimentModel

/// Reads the output of trials as it grows, attempt after attempt, a bounded piece at a time.
///
/// It is told of changes (``see(_:)``, ``refresh()``) and asked for what is new (``read(isTick:)``); whoever drives it decides
/// when. Output may reach the store a little after the attempt's end, so an attempt that has just ended is read on for
/// ``settlingTicks`` without anything new.
public struct LogFollower: Sendable {
    /// Chunks of one read, of 256 KiB at most each.
    public static let chunksPerRead = 64
    /// Ticks without output after which the output of an ended attempt is complete.
    public static let settlingTicks = 4
    /// An attempt that ended longer ago than this is complete at once.
    public static let settledAfter: Duration = .seconds(30)
    /// Trials that ended before, of which the output is read at the same time.
    static let settledTrialsAtOnce = 32

    /// What a reader learns, in order.
    public enum Part: Sendable, Hashable {
        /// The output of an attempt begins.
        case begins(trial: Int, attempt: Int)
        /// A piece of output.
        case chunk(LogChunk)
        /// What was there at the beginning has been read.
        case caughtUp(trial: Int)
        /// No more comes of this attempt.
        case isOver(trial: Int, attempt: Int)
    }

    private struct Progress {
        /// The attempt that is read, or was last.
        var attempt: Int
        var isReading = true
        var hasCaughtUp = false
        /// Whether the trial had no output when the following began.
        var isNew = false
        var next: [LogChunk.Stream: Int] = [:]
        /// Whether the attempt that is read has ended.
        var hasEnded = false
        /// Whether it ended so long ago that its output is complete.
        var isSettled = false
        var quietTicks = 0
    }

    private let store: any TrialStore
    private let experiment: ExperimentID
    private let trial: Int?
    private let attempt: Int?
    private let streams: [LogChunk.Stream]
    private var tracker = TrialTracker()
    private var progress: [Int: Progress] = [:]
    private var known: [Int: Trial] = [:]
    private var hasLooked = false
    private var hasExperimentEnded = false
    private var now = Timestamp(milliseconds: 0)

    /// A follower at the beginning of the last attempts.
    /// - Parameters:
    ///   - trial: only this one; `nil` means all.
    ///   - attempt: only this one of `trial`; `nil` means the last and all that come after.
    ///   - streams: which outputs.
    public init(
        store: any TrialStore,
        experiment: ExperimentID,
        trial: Int? = nil,
        attempt: Int? = nil,
        streams: [LogChunk.Stream] = LogChunk.Stream.allCases
    ) {
        self.store = store
        self.experiment = experiment
        self.trial = trial
        self.attempt = attempt
        self.streams = streams
    }

    /// Whether nothing more can come.
    public var isFinished: Bool {
        guard !progress.values.contains(where: \.isReading) else { return false }
        guard let trial else { return hasExperimentEnded }
        if let attempt, let read = progress[trial] { return read.attempt >= attempt }
        return known[trial]?.state.isTerminal ?? hasExperimentEnded
    }

    /// Reads which trials there are, after a `resync` and now and then.
    public mutating func refresh() async throws {
        guard let found = try await store.experiment(experiment) else {
            throw TrialStoreError.noSuchExperiment(experiment)
        }
        now = try await store.now()
        let query = trial.map(TrialQuery.number) ?? tracker.query(found)
        let trials = try await store.trials(of: experiment, query)
        tracker.see(read: trials)
        for trial in trials { see(trial) }
        // Only now: the trials of the end are known.
        hasExperimentEnded = found.state.isTerminal
        hasLooked = true
    }

    /// Takes note of a trial as it is.
    public mutating func see(_ found: Trial) {
        let number = found.id.number
        guard found.id.experiment == experiment, trial == nil || trial == number else { return }
        // Events may come late.
        if let version = known[number]?.version, version > found.version { return }
        tracker.see(found)
        known[number] = found
        advance(number)
    }

    /// Begins with the next attempt, where there is one and nothing is being read; notes the end of the one that is read.
    private mutating func advance(_ number: Int) {
        guard let found = known[number], found.attempt > 0 else { return }
        if let read = progress[number], !read.isReading {
            guard attempt == nil, found.attempt > read.attempt else { return }
            progress[number] = Progress(attempt: read.attempt + 1, hasCaughtUp: true, isNew: true)
        } else if progress[number] == nil {
            guard attempt ?? found.attempt <= found.attempt else { return }
            progress[number] = Progress(attempt: attempt ?? found.attempt, isNew: hasLooked)
        }
        guard let read = progress[number] else { return }
        let record = found.attempts.first { $0.number == read.attempt }
        let hasEnded = record?.endedAt != nil || found.attempt > read.attempt || found.state != .running
        progress[number]?.hasEnded = hasEnded
        if hasEnded, let endedAt = record?.endedAt {
            progress[number]?.isSettled = endedAt + Self.settledAfter < now
        }
    }

    /// The next pieces of output.
    /// - Parameter isTick: whether time has passed since the last read that was one.
    /// - Returns: what is new; and whether that is all there is at the moment: if not, read again at once.
    public mutating func read(isTick: Bool) async throws -> (parts: [Part], isComplete: Bool) {
        let reading = progress.filter(\.value.isReading).keys.sorted()
        let settled = reading.filter { progress[$0]?.isSettled == true }.prefix(Self.settledTrialsAtOnce)
        let growing = reading.filter { progress[$0]?.isSettled != true }
        let active = Array(settled) + growing
        guard !active.isEmpty else { return ([], true) }
        let places = active.flatMap { number in
            streams.map { stream in
                LogPosition(
                    trial: number,
                    attempt: progress[number]?.attempt ?? 1,
                    stream: stream,
                    next: progress[number]?.next[stream] ?? 0
                )
            }
        }
        let limit = Self.chunksPerRead
        let chunks = try await store.logChunks(of: experiment, from: places, limit: limit)
        var parts: [Part] = []
        var spoke: Set<Int> = []
        for number in active where progress[number]?.isNew == true && progress[number]?.hasCaughtUp == false {
            progress[number]?.hasCaughtUp = true
            parts.append(.caughtUp(trial: number))
        }
        for chunk in chunks {
            let number = chunk.trial.number
            if progress[number]?.next.isEmpty == true {
                parts.append(.begins(trial: number, attempt: chunk.attempt))
            }
            progress[number]?.next[chunk.stream] = chunk.sequence + 1
            progress[number]?.quietTicks = 0
            spoke.insert(number)
            parts.append(.chunk(chunk))
        }
        guard chunks.count < limit else { return (parts, false) }
        for number in active { parts += settle(number, isQuiet: !spoke.contains(number), isTick: isTick) }
        return (parts, reading.count == active.count)
    }

    /// After a read that brought all there is of a trial.
    private mutating func settle(_ number: Int, isQuiet: Bool, isTick: Bool) -> [Part] {
        guard var read = progress[number] else { return [] }
        var parts: [Part] = []
        if !read.hasCaughtUp {
            read.hasCaughtUp = true
            parts.append(.caughtUp(trial: number))
        }
        if read.hasEnded, isQuiet, isTick { read.quietTicks += 1 }
        let isOver = read.hasEnded && (read.isSettled || read.quietTicks >= Self.settlingTicks)
        if isOver {
            read.isReading = false
            parts.append(.isOver(trial: number, attempt: read.attempt))
        }
        progress[number] = read
        if isOver { advance(number) }
        return parts
    }
}
