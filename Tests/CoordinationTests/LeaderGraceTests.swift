import ExperimentModel
import FoundationEssentials
import MemoryTrialStore
import Synchronization
import Testing
import TuningTestKit

@testable import Coordination

@Suite("Leases after a jump of the store's clock", .timeLimit(.minutes(3)))
struct LeaderGraceTests {
    /// A clock of a store that can jump, and that tells how often it was looked at.
    private final class JumpingClock: Sendable {
        private struct State {
            var offset: Int64 = 0
            var looks = 0
            var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        }
        private let state = Mutex(State())

        func now() -> Timestamp {
            let (offset, due) = state.withLock { state in
                state.looks += 1
                let due = state.waiters.filter { $0.count <= state.looks }
                state.waiters.removeAll { $0.count <= state.looks }
                return (state.offset, due)
            }
            for waiter in due { waiter.continuation.resume() }
            return Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000) + offset)
        }

        func jump(_ seconds: Int64) { state.withLock { $0.offset += seconds * 1000 } }

        /// Returns when the clock was looked at so many times more.
        func looked(_ count: Int) async {
            await withCheckedContinuation { continuation in
                state.withLock { $0.waiters.append(($0.looks + count, continuation)) }
            }
        }
    }

    private static let id = ExperimentID("es0000001")
    private static let worker = WorkerID("w")
    private static let settings = CoordinationSettings(
        trialLease: .seconds(600),
        leadLease: .seconds(60),
        leaderInterval: .milliseconds(5)
    )
    /// Looks at the clock by which the leader has had its turn many times.
    private static let manyLooks = 100

    private let clock = JumpingClock()
    private let store: MemoryTrialStore

    init() {
        let clock = clock
        store = MemoryTrialStore { clock.now() }
    }

    /// Leads an experiment with a claimed trial while the body runs.
    private func leading(lease: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
        let limits = Limits(maxTrials: 1)
        _ = try await store.createExperiment(
            try TrialStoreConformance.definition(goal: .minimize, limits: limits),
            id: Self.id
        )
        let store = store
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await LeaderService(
                    store: store,
                    scope: .all,
                    leader: "leader",
                    settings: Self.settings,
                    clock: ContinuousClock(),
                    logger: .silent
                ).run()
            }
            for await _ in store.watch(.everything) {
                if await store.claimTrial(of: Self.id, by: Self.worker, host: "h", lease: lease) != nil { break }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    private static func state(_ store: MemoryTrialStore) async -> (TrialState, Int)? {
        await store.trials(of: id, .number(1)).first.map { ($0.state, $0.attempt) }
    }

    @Test("one that jumps an hour ahead takes no trial from a worker that renews afterwards")
    func jump() async throws {
        let (store, clock) = (store, clock)
        try await leading(lease: .seconds(60)) {
            clock.jump(3600)
            await clock.looked(Self.manyLooks)
            let before = await Self.state(store)
            #expect(before?.0 == .running && before?.1 == 1)
            #expect(await store.renewLeases(of: Self.worker, lease: .seconds(60)).map(\.attempt) == [1])
        }
    }

    @Test("without a jump, the trial of a worker that does not renew is taken")
    func control() async throws {
        let store = store
        try await leading(lease: .zero) {
            for await _ in store.watch(.everything) {
                if await Self.state(store)?.0 != .running { return }
            }
        }
        #expect(await store.trials(of: Self.id, .number(1)).first?.attempts.map(\.outcome?.cause) == [.lost])
    }
}
