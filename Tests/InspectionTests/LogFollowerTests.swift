import Coordination
import ExperimentModel
import Inspection
import MemoryTrialStore
import Synchronization
import Testing
import TuningTestKit

@Suite("Following output", .timeLimit(.minutes(10)))
struct LogFollowerTests {
    /// A store whose time a test sets.
    private final class Time: Sendable {
        private let milliseconds = Mutex<Int64>(1_700_000_000_000)
        func pass(_ duration: Duration) { milliseconds.withLock { $0 += duration.wholeMilliseconds } }
        var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }
    }

    private func chunk(_ trial: TrialID, _ attempt: Int, _ sequence: Int, _ text: String) -> LogChunk {
        LogChunk(trial: trial, attempt: attempt, stream: .stdout, sequence: sequence, bytes: Array(text.utf8))
    }

    private func drain(_ follower: inout LogFollower, ticks: Int) async throws -> [LogFollower.Part] {
        var parts: [LogFollower.Part] = []
        for _ in 0..<ticks { parts += try await follower.read(isTick: true).parts }
        return parts
    }

    @Test("goes on into the next attempt after a requeue, and ends with the trial")
    func requeue() async throws {
        let time = Time()
        let store: any TrialStore = MemoryTrialStore { time.now }
        let lead = try await TrialStoreConformance.running(store, trials: 1)
        var follower = LogFollower(store: store, experiment: lead.id, trial: 1)
        try await follower.refresh()
        #expect(try await follower.read(isTick: true).parts.isEmpty)
        #expect(!follower.isFinished)

        let first = try await TrialStoreConformance.claim(store, lead.id, lease: .zero)
        follower.see(first)
        try await store.appendLog([chunk(first.id, 1, 0, "a")])
        var parts = try await follower.read(isTick: true).parts
        #expect(
            parts == [.caughtUp(trial: 1), .begins(trial: 1, attempt: 1), .chunk(chunk(first.id, 1, 0, "a"))]
        )
        _ = try await store.expireLeases(of: lead, retries: RetryLimits())
        let second = try await TrialStoreConformance.claim(store, lead.id)
        follower.see(second)
        // What the lost worker still brings comes before the next attempt.
        try await store.appendLog([chunk(first.id, 1, 1, "b"), chunk(first.id, 2, 0, "c")])
        parts = try await drain(&follower, ticks: LogFollower.settlingTicks + 2)
        #expect(
            parts == [
                .chunk(chunk(first.id, 1, 1, "b")), .isOver(trial: 1, attempt: 1), .begins(trial: 1, attempt: 2),
                .chunk(chunk(first.id, 2, 0, "c")),
            ]
        )
        _ = try await store.finish(second, with: TrialStoreConformance.success, retries: RetryLimits())
        try await follower.refresh()
        #expect(try await drain(&follower, ticks: LogFollower.settlingTicks - 1).isEmpty)
        #expect(!follower.isFinished)
        #expect(try await drain(&follower, ticks: 1) == [.isOver(trial: 1, attempt: 2)])
        #expect(follower.isFinished)
    }

    @Test("reads all trials that ended long ago at once, in bounded reads, and ends with the experiment")
    func settled() async throws {
        let time = Time()
        let store: any TrialStore = MemoryTrialStore { time.now }
        let count = 100
        let lead = try await TrialStoreConformance.running(store, trials: count)
        for _ in 1...count {
            let claimed = try await TrialStoreConformance.claim(store, lead.id)
            try await store.appendLog([chunk(claimed.id, 1, 0, "\(claimed.id.number)\n")])
            _ = try await store.finish(claimed, with: TrialStoreConformance.success, retries: RetryLimits())
        }
        let ending = ExperimentEnding(state: .completed, reason: .maxTrials)
        _ = try await store.change(.decide(ending), lead: lead)
        _ = try await store.change(.finish, lead: lead)
        time.pass(LogFollower.settledAfter * 2)
        var follower = LogFollower(store: store, experiment: lead.id)
        try await follower.refresh()
        var read: [Int] = []
        var reads = 0
        while !follower.isFinished {
            let (parts, isComplete) = try await follower.read(isTick: false)
            let chunks = parts.compactMap { part in if case .chunk(let chunk) = part { chunk } else { nil } }
            #expect(chunks.count <= LogFollower.chunksPerRead)
            read += chunks.map(\.trial.number)
            reads += 1
            #expect(!isComplete || follower.isFinished)
            try #require(reads <= count)
        }
        #expect(read == Array(1...count))
    }

    @Test("one attempt alone is followed when it is named")
    func oneAttempt() async throws {
        let time = Time()
        let store: any TrialStore = MemoryTrialStore { time.now }
        let lead = try await TrialStoreConformance.running(store, trials: 1)
        let first = try await TrialStoreConformance.claim(store, lead.id, lease: .zero)
        try await store.appendLog([chunk(first.id, 1, 0, "a"), chunk(first.id, 2, 0, "b")])
        _ = try await store.expireLeases(of: lead, retries: RetryLimits())
        _ = try await TrialStoreConformance.claim(store, lead.id)
        time.pass(LogFollower.settledAfter * 2)
        var follower = LogFollower(store: store, experiment: lead.id, trial: 1, attempt: 1)
        try await follower.refresh()
        var parts = try await follower.read(isTick: false).parts
        #expect(parts.contains(.chunk(chunk(first.id, 1, 0, "a"))) && follower.isFinished)
        follower = LogFollower(store: store, experiment: lead.id, trial: 1, attempt: 2)
        try await follower.refresh()
        parts = try await follower.read(isTick: true).parts
        #expect(parts.contains(.chunk(chunk(first.id, 2, 0, "b"))) && !follower.isFinished)
    }
}
