import ExperimentModel
import Logging
import MemoryTrialStore
import Samplers
import SearchSpace
import Synchronization
import Testing
import TuningTestKit

@testable import Coordination

/// A store's clock that stands until it is moved: no lease ends by itself.
private final class StandingClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_700_000_000_000)
    var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }
    func advance(by duration: Duration) { milliseconds.withLock { $0 += duration.wholeMilliseconds } }
}

@Suite("Many servers", .timeLimit(.minutes(5)))
struct ManyServersTests {
    private let clock: StandingClock
    private let store: MemoryTrialStore

    init() {
        let clock = StandingClock()
        self.clock = clock
        store = MemoryTrialStore { clock.now }
    }

    /// Nothing happens by the passing of time: an interval is longer than any test.
    private static let newsOnly = CoordinationSettings(
        trialLease: .seconds(30),
        leadLease: .seconds(6),
        leaderInterval: .seconds(3600)
    )

    private func server(
        _ name: String,
        _ scope: LeaderService<ContinuousClock>.Scope = .all,
        settings: CoordinationSettings = newsOnly
    ) -> LeaderService<ContinuousClock> {
        LeaderService(
            store: store,
            scope: scope,
            leader: name,
            settings: settings,
            clock: ContinuousClock(),
            logger: .silent
        )
    }

    private func create(_ count: Int, _ kind: SamplerSpecification.Kind = .random) async throws -> [ExperimentID] {
        var ids: [ExperimentID] = []
        for number in 1...count {
            let definition = Experiments.definition(try Experiments.line(), kind)
            ids.append(try await store.createExperiment(definition, id: ExperimentID("es\(number)")).id)
        }
        return ids
    }

    /// Waits until every experiment is led by one of these.
    private func wait(_ ids: [ExperimentID], ledBy names: Set<String>, epoch: Int = 1) async {
        for await _ in store.watch(.everything) {
            var leads: [Experiment] = []
            for id in ids { if let experiment = await store.experiment(id) { leads.append(experiment) } }
            if leads.allSatisfy({ $0.epoch >= epoch && $0.lead.map { names.contains($0.leader) } ?? false }) { return }
        }
    }

    private func leaders(of id: ExperimentID) async -> [String?] {
        await store.events(of: id, since: nil).filter { $0.kind == .led }.map(\.worker)
    }

    @Test("a server that stops in order hands all its experiments over at once, by news alone")
    func handOver() async throws {
        let ids = try await create(30)
        let (first, second) = (server("first"), server("second"))
        // Ended below.
        let leaving = Task { try? await first.run() }
        await wait(ids, ledBy: ["first"])
        let staying = Task { try? await second.run() }
        leaving.cancel()
        // No lease has run out: the store's clock has not moved.
        await wait(ids, ledBy: ["second"], epoch: 2)
        staying.cancel()
        _ = await (leaving.value, staying.value)
        for id in ids {
            #expect(await leaders(of: id) == ["first", "second"])
            #expect(await store.experiment(id)?.lead == nil, "the second gave its leads up as well")
        }
    }

    @Test("a server takes over all experiments of one that died as soon as their leases are over")
    func takeOver() async throws {
        let ids = try await create(30)
        for id in ids { _ = await store.takeLead(of: id, as: "dead", lease: Self.newsOnly.leadLease) }
        var settings = Self.newsOnly
        settings.leaderInterval = .milliseconds(20)
        let successor = server("successor", settings: settings)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await successor.run() }
            await store.waitForTrials(of: ids, count: 0)
            for id in ids { #expect(await store.experiment(id)?.lead?.leader == "dead") }
            clock.advance(by: Self.newsOnly.leadLease)
            await wait(ids, ledBy: ["successor"], epoch: 2)
            // Each is led in earnest: it gets its first trial.
            await store.waitForTrials(of: ids, count: 1)
            group.cancelAll()
        }
    }

    @Test("two servers that begin together lead each experiment once")
    func together() async throws {
        let ids = try await create(50)
        let servers = [server("first"), server("second")]
        await withTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { try? await server.run() } }
            await wait(ids, ledBy: ["first", "second"])
            await store.waitForTrials(of: ids, count: 1)
            group.cancelAll()
        }
        for id in ids { #expect(await leaders(of: id).count == 1) }
    }

    @Test("who waits for a lead that another holds does not ask for it without end")
    func patience() async throws {
        let id = Experiments.id
        let asked = Mutex(0)
        let counting = MemoryTrialStore { [clock] in
            asked.withLock { $0 += 1 }
            return clock.now
        }
        _ = try await counting.createExperiment(Experiments.definition(try Experiments.line()), id: id)
        _ = await counting.takeLead(of: id, as: "other", lease: .seconds(6))
        let before = asked.withLock { $0 }
        let service = LeaderService(
            store: counting,
            scope: .only(id),
            leader: "waiting",
            settings: Self.newsOnly,
            clock: ContinuousClock(),
            logger: .silent
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await service.run() }
            for await _ in counting.watch(.lead) { break }
            // One reason to look; a loop would look without any, once for about each of these calls.
            _ = await counting.requestEnd(of: id, ExperimentEnding(state: .cancelled, reason: .user))
            for _ in 1...1000 { _ = await counting.experiment(id) }
            group.cancelAll()
        }
        #expect(asked.withLock { $0 } - before < 50)
    }
}

extension MemoryTrialStore {
    /// Waits until each experiment has at least so many trials.
    fileprivate func waitForTrials(of ids: [ExperimentID], count: Int) async {
        for await _ in watch(.everything) {
            if ids.allSatisfy({ trials(of: $0, .all).count >= count }) { return }
        }
    }
}
