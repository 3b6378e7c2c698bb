import Dispatch
import ExperimentModel
import Logging
import MemoryTrialStore
import OrderedCollections
import Samplers
import SearchSpace
import Synchronization
import Testing
import TuningTestKit

@testable import Coordination

/// Proposes what it is told, and lets a test act while it "thinks".
private struct PausingSampler: Sampler {
    let value: Double
    let thinking: @Sendable () -> Void

    var learnsFromResults: Bool { true }

    func suggest(trial: Int, history: TrialHistory) -> Suggestion {
        thinking()
        return Suggestion(values: ["x": .double(value)])
    }

    func remaining(history: TrialHistory) -> Int? { nil }
}

@Suite("A leader that was paused", .timeLimit(.minutes(5)), .serialized)
struct StaleLeaderTests {
    private typealias End = ExperimentLeader<ContinuousClock>.End

    private let id = Experiments.id

    private func leader(
        _ lead: Lead,
        _ store: MemoryTrialStore,
        _ sampler: any Sampler,
        interval: Duration
    ) -> ExperimentLeader<ContinuousClock> {
        ExperimentLeader(
            lead: lead,
            store: store,
            settings: CoordinationSettings(leadLease: .seconds(6), leaderInterval: interval),
            clock: ContinuousClock(),
            mailbox: EventMailbox(),
            sampler: sampler,
            outage: StoreOutageLog(clock: ContinuousClock(), logger: .silent, consequence: "nothing"),
            logger: .silent
        )
    }

    /// A first leader that is paused while it makes trial 1, during which a second one takes over and makes it.
    /// - Parameter interval: how often the first one renews its lead while it works.
    private func scene(interval: Duration) async throws -> (end: End, store: MemoryTrialStore) {
        let milliseconds = Mutex<Int64>(1_700_000_000_000)
        let store = MemoryTrialStore { Timestamp(milliseconds: milliseconds.withLock { $0 }) }
        let definition = Experiments.definition(try Experiments.line(), limits: Limits(maxTrials: 1))
        _ = try await store.createExperiment(definition, id: id)
        let (thoughts, thought) = AsyncStream.makeStream(of: Void.self)
        let goOn = DispatchSemaphore(value: 0)
        let paused = PausingSampler(value: 0.25) {
            thought.yield()
            // A thread of its own would be nicer; this is the pause of a process, and short.
            goOn.wait()
        }
        let lead = try #require(await store.takeLead(of: id, as: "first", lease: .seconds(6)))
        let first = leader(lead, store, paused, interval: interval)
        return try await withThrowingTaskGroup(of: End.self) { group in
            group.addTask {
                var leader = first
                return await leader.run()
            }
            for await _ in thoughts { break }
            var taken: Lead?
            while taken == nil {
                // A renewal may come in between as long as the first one is at it.
                milliseconds.withLock { $0 += 7000 }
                taken = await store.takeLead(of: id, as: "second", lease: .seconds(6))
            }
            let second = try #require(taken)
            try await store.insertTrials([
                Trial(
                    id: TrialID(experiment: id, number: 1),
                    suggestion: Suggestion(values: ["x": .double(0.75)]),
                    assignment: ["x": 0.75],
                    createdAt: second.renewedAt
                )
            ])
            goOn.signal()
            let end = try await group.next()
            return (try #require(end), store)
        }
    }

    @Test("notices while it works that another leads, and writes nothing more")
    func noticed() async throws {
        let (end, store) = try await scene(interval: .milliseconds(5))
        #expect(end == .leadLost)
        let trials = await store.trials(of: id, .all)
        #expect(trials.map(\.assignment) == [["x": 0.75]])
        #expect(await store.experiment(id)?.lead?.leader == "second")
    }

    @Test("does not double a trial when it writes before it can notice: the first insert stands, and it adopts that")
    func unnoticed() async throws {
        // It renews only once in an hour, as if the pause were shorter than its clock can tell.
        let milliseconds = Mutex<Int64>(1_700_000_000_000)
        let store = MemoryTrialStore { Timestamp(milliseconds: milliseconds.withLock { $0 }) }
        let definition = Experiments.definition(try Experiments.line(), limits: Limits(maxTrials: 1))
        _ = try await store.createExperiment(definition, id: id)
        var lead = try #require(await store.takeLead(of: id, as: "first", lease: .seconds(6)))
        lead.experiment = try await store.change(.begin, lead: lead)
        lead.experiment = try await store.reserveTrials(1, lead: lead)
        milliseconds.withLock { $0 += 7000 }
        let second = try #require(await store.takeLead(of: id, as: "second", lease: .seconds(6)))
        let successor = leader(second, store, PausingSampler(value: 0.75) {}, interval: .seconds(3600))
        let (store2, id2) = (store, id)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var successor = successor
                _ = await successor.run()
            }
            for await _ in store2.watch(.everything) where await !store2.trials(of: id2, .all).isEmpty { break }
            let late = Trial(
                id: TrialID(experiment: id2, number: 1),
                suggestion: Suggestion(values: ["x": .double(0.25)]),
                assignment: ["x": 0.25],
                createdAt: lead.renewedAt
            )
            let existing = try await store2.insertTrials([late])
            #expect(existing == [1])
            group.cancelAll()
        }
        #expect(await store.trials(of: id, .all).map(\.assignment) == [["x": 0.75]])
    }

    @Test("two leaders that know different results of TPE make one trial of one promised number, the first stands")
    func tpe() async throws {
        let definition = Experiments.definition(try Experiments.line(), .tpeHyperopt, limits: Limits(maxTrials: 40))
        let experiment = Experiments.experiment(definition)
        let sampler = UnusableSampler.makeSampler(for: definition)
        let maker = TrialMaker(definition, sampler: sampler)
        func ledger(knownResults: Int) -> TrialLedger {
            Experiments.ledger(
                (1...30).map { number in
                    let isKnown = number <= knownResults
                    // What only one of them knows is the best so far.
                    let value = Double(number > 25 ? -number : number % 7)
                    var trial = Experiments.trial(number, isKnown ? .done : .running, value: value)
                    trial.suggestion = Suggestion(values: ["x": .double(Double(number) / 31)])
                    if !isKnown { trial.value = nil }
                    return trial
                }
            )
        }
        func make(_ ledger: TrialLedger) throws -> Trial {
            try #require(try maker.trials([31], of: experiment, ledger, remaining: nil, now: Experiments.now).first)
        }
        let (less, more) = (try make(ledger(knownResults: 25)), try make(ledger(knownResults: 30)))
        #expect(less.assignment != more.assignment, "the two leaders differ, or this shows nothing")
        // Who knows the same makes the same: a successor repeats.
        #expect(try make(ledger(knownResults: 30)) == more)
        for (first, second) in [(less, more), (more, less)] {
            let store = MemoryTrialStore { Experiments.now }
            _ = try await store.createExperiment(definition, id: id)
            #expect(try await store.insertTrials([first]).isEmpty)
            #expect(try await store.insertTrials([second]) == [31])
            #expect(await store.trials(of: id, .all) == [first])
        }
    }
}
