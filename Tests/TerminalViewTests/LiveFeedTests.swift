import Coordination
import ExperimentModel
import Inspection
import MemoryTrialStore
import Testing
import TuningTestKit

@testable import TerminalView

@Suite("Feed of a view", .timeLimit(.minutes(10)))
struct LiveFeedTests {
    private let store: any TrialStore = MemoryTrialStore { Pictures.start }

    private func feed(
        _ experiment: Experiment,
        every interval: Duration? = nil
    ) -> LiveFeed<ContinuousClock> {
        LiveFeed(
            store: store,
            experiment: experiment,
            lease: .seconds(30),
            every: interval,
            isOurRun: false,
            clock: ContinuousClock()
        )
    }

    /// Runs the feed until its picture is as wanted.
    private func wait(
        _ feed: LiveFeed<ContinuousClock>,
        _ wanted: @escaping @Sendable (LiveSnapshot) -> Bool
    ) async throws {
        let changes = feed.changes()
        let isThere = try await withThrowingTaskGroup(of: Bool.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await feed.run()
                return false
            }
            group.addTask {
                for await _ in changes where wanted(feed.snapshot) { return true }
                return false
            }
            return try await group.next() ?? false
        }
        #expect(isThere)
    }

    @Test(
        "it knows states, best, running trials with their curves, and workers",
        arguments: [nil, .milliseconds(10)] as [Duration?]
    )
    func follows(interval: Duration?) async throws {
        let lead = try await TrialStoreConformance.running(store, trials: 4)
        let feed = feed(lead.experiment, every: interval)
        let first = try await TrialStoreConformance.claim(store, lead.id)
        _ = try await store.finish(first, with: TrialStoreConformance.success, retries: RetryLimits())
        let second = try await TrialStoreConformance.claim(store, lead.id)
        let reports = (0..<50).map { index in
            Observation(
                trial: second.id,
                attempt: 1,
                sequence: index,
                metric: "loss",
                step: Int64(index),
                value: Double(index)
            )
        }
        try await store.record(reports)
        let whole = CurveSketch(reports, attempt: 1, objective: lead.experiment.definition.objective)
        try await store.register(Pictures.worker("a"))
        try await wait(feed) { snapshot in
            snapshot.counts == [.new: 2, .running: 1, .done: 1] && snapshot.best?.id.number == 1
                && snapshot.running.map(\.trial.id.number) == [2]
                && snapshot.running[0].curve == whole
                && snapshot.workers.map(\.slots) == [2] && snapshot.silence == nil
        }
        // What happens while nobody reads is there at the next reading.
        _ = try await store.finish(second, with: TrialStoreConformance.failure, retries: RetryLimits())
        try await wait(feed) { $0.counts == [.new: 2, .done: 1, .failed: 1] && $0.running.isEmpty }
    }

    @Test("an experiment that is deleted ends it with an error")
    func deleted() async throws {
        let experiment = try Pictures.experiment()
        await #expect(throws: TrialStoreError.noSuchExperiment(experiment.id)) { try await feed(experiment).run() }
    }

    @Test("progress by lines prints a line when something has changed, and nothing else")
    func lines() async throws {
        let lead = try await TrialStoreConformance.running(store, trials: 2)
        let feed = feed(lead.experiment, every: .milliseconds(1))
        let (printed, continuation) = AsyncStream.makeStream(of: String.self)
        let progress = LineProgress(feed: feed, pause: .milliseconds(1), clock: ContinuousClock()) {
            continuation.yield($0)
        }
        let store = store
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await feed.run() }
            group.addTask { await progress.run() }
            group.addTask {
                var lines = printed.makeAsyncIterator()
                let end = "no live worker (`hyperworker --count 2` starts one)"
                #expect(await lines.next() == "2 trials: 2 new  |  2 new trials wait: \(end)")
                let claimed = try await TrialStoreConformance.claim(store, lead.id)
                #expect(await lines.next() == "2 trials: 1 new, 1 running  |  1 new trial waits: \(end)")
                _ = try await store.finish(claimed, with: TrialStoreConformance.failure, retries: RetryLimits())
                #expect(await lines.next() == "2 trials: 1 new, 1 error (failed)  |  1 new trial waits: \(end)")
            }
            try await group.next()
        }
    }
}
