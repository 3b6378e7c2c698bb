import Coordination
import ExperimentModel
import MemoryTrialStore

/// The store with its own clock, at the far end of every ``StoreLink``: it does one call after the other and has each judged.
final class SimulatedStore: Sendable {
    let memory: MemoryTrialStore
    let node: SimulatedNode
    let breakage: Breakage?
    private let clock: StoreClock
    private let judge: Judge
    private let calls: AsyncStream<@Sendable () async -> Void>
    private let queue: AsyncStream<@Sendable () async -> Void>.Continuation
    private let awayUntil = Confined<Duration>(.zero)

    init(node: SimulatedNode, judge: Judge, breakage: Breakage?) {
        self.node = node
        self.judge = judge
        self.breakage = breakage
        let clock = StoreClock(loop: node.loop)
        self.clock = clock
        memory = MemoryTrialStore { clock.now }
        (calls, queue) = AsyncStream.makeStream()
    }

    /// Whether it answers nobody.
    var isAway: Bool { node.loop.now < awayUntil.value }

    func goAway(for duration: Duration) { awayUntil.value = node.loop.now + duration }

    func comeBack() { awayUntil.value = .zero }

    func jumpClock(by duration: Duration) { clock.jump(by: duration) }

    var now: Timestamp { clock.now }

    /// Begins to serve; ends when the task is cancelled.
    func start() -> Task<Void, Never> {
        Task(executorPreference: node) { [calls] in
            for await call in calls { await call() }
        }
    }

    /// Does a call when all before it are done.
    func submit<Answer: Sendable>(
        _ call: StoreCall,
        from caller: SimulatedNode,
        _ body: @escaping @Sendable (SimulatedStore) async throws -> Answer,
        reply: @escaping @Sendable (Result<Answer, any Error>) -> Void
    ) {
        queue.yield { [self] in
            let result: Result<Answer, any Error>
            do {
                result = .success(try await body(self))
            } catch {
                result = .failure(error)
            }
            if !call.isRead {
                await judge.look(at: memory, after: call, from: caller, result.map { $0 as any Sendable }, now: now)
            }
            reply(result)
        }
    }

    /// Does something with the store's clock moved, for a deliberate mistake.
    func withClock<R>(ahead: Duration, _ body: () async throws -> R) async rethrows -> R {
        clock.jump(by: ahead)
        defer { clock.jump(by: .zero - ahead) }
        return try await body()
    }
}

/// The clock by which every lease is judged.
private final class StoreClock: Sendable {
    /// Some moment of the year 2025.
    private static let start = Timestamp(milliseconds: 1_750_000_000_000)
    private let loop: SimulationLoop
    private let lead = Confined<Duration>(.zero)

    init(loop: SimulationLoop) { self.loop = loop }

    var now: Timestamp { Self.start + (loop.now + lead.value) }

    func jump(by duration: Duration) { lead.value += duration }
}
