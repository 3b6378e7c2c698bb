import Coordination
import ExperimentModel
import Inspection
import MemoryTrialStore
import Synchronization
import Testing
import TuningTestKit

@Suite("Following events", .timeLimit(.minutes(10)))
struct EventFollowerTests {
    private final class Clock: Sendable {
        private let milliseconds = Mutex<Int64>(1_800_000_000_000)

        func next() -> Timestamp {
            milliseconds.withLock { now in
                now += 1
                return Timestamp(milliseconds: now)
            }
        }
    }

    @Test("tells each event once, whether it heard of it or looked, and ends with the experiment")
    func once() async throws {
        // Each look at the clock is a millisecond later.
        let clock = Clock()
        let store: any TrialStore = MemoryTrialStore { clock.next() }
        let lead = try await TrialStoreConformance.running(store, trials: 2)
        var follower = EventFollower(store: store, experiment: lead.id)
        var told = try await follower.refresh()
        #expect(told.map(\.kind) == [.trialCreated, .trialCreated, .created, .led])
        #expect(try await follower.refresh().isEmpty)
        let claimed = try await TrialStoreConformance.claim(store, lead.id)
        #expect(try await follower.see(claimed).map(\.kind) == [.claimed])
        #expect(try await follower.see(claimed).isEmpty)
        _ = try await store.finish(claimed, with: TrialStoreConformance.failure, retries: RetryLimits())
        let retried = try #require(try await store.retryTrial(claimed.id))
        #expect(try await follower.see(retried).map(\.kind) == [.attemptEnded, .retryAsked])
        _ = try await store.cancelNewTrials(of: lead)
        let ending = ExperimentEnding(state: .cancelled, reason: .user)
        _ = try await store.requestEnd(of: lead.id, ending)
        #expect(try await follower.look().map(\.kind) == [.endingDecided])
        #expect(!follower.isFinished)
        _ = try await store.change(.finish, lead: lead)
        told = try await follower.look()
        #expect(told.map(\.kind) == [.trialCancelled, .trialCancelled, .ended])
        #expect(follower.isFinished)
    }

    @Test("a retry that comes between two reads is never told as a return to the queue", arguments: 1...100)
    func retriedMeanwhile(round: Int) async throws {
        let clock = Clock()
        let store: any TrialStore = MemoryTrialStore { clock.next() }
        let lead = try await TrialStoreConformance.running(store, trials: 1)
        var follower = EventFollower(store: store, experiment: lead.id)
        _ = try await follower.refresh()
        let claimed = try await TrialStoreConformance.claim(store, lead.id)
        _ = try await store.finish(claimed, with: TrialStoreConformance.failure, retries: RetryLimits())
        // Awaited below.
        let retrying = Task { try await store.retryTrial(claimed.id) }
        var told = try await follower.refresh()
        _ = try await retrying.value
        told += try await follower.refresh()
        #expect(told.map(\.kind) == [.claimed, .attemptEnded, .retryAsked])
    }

    @Test("one trial's events are told alone")
    func oneTrial() async throws {
        let store: any TrialStore = MemoryTrialStore { Timestamp(milliseconds: 1_800_000_000_000) }
        let lead = try await TrialStoreConformance.running(store, trials: 2)
        var follower = EventFollower(store: store, experiment: lead.id, trial: 2)
        #expect(try await follower.refresh().map(\.trial) == [2])
        let first = try await TrialStoreConformance.claim(store, lead.id)
        #expect(try await follower.see(first).isEmpty)
        let second = try await TrialStoreConformance.claim(store, lead.id)
        #expect(try await follower.see(second).map(\.kind) == [.claimed])
    }
}
