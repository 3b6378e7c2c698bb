import ExperimentModel
import OrderedCollections
import Samplers
import SearchSpace
import Testing

@testable import Coordination

@Suite("Trial maker")
struct TrialMakerTests {
    /// Proposes how many trials of its own it sees, so that what it was shown can be read off; or fails.
    private struct Counter: Sampler {
        var fails = false
        var learnsFromResults: Bool { true }
        func suggest(trial: Int, history: TrialHistory) throws -> Suggestion {
            if fails { throw SearchSpaceError.unknownLabel("q") }
            let seen = (history.completed.map(\.isSampled) + history.pending.map(\.isSampled)).filter { $0 }.count
            return Suggestion(values: ["a": .integer(Int64(1 + seen % 3)), "b": .integer(2)])
        }
        func remaining(history: TrialHistory) -> Int? { nil }
    }

    private func experiment(initial: [Suggestion] = [], enqueued: [String] = []) throws -> Experiment {
        var experiment = Experiments.experiment(
            Experiments.definition(try Experiments.sixPoints(), initial: initial)
        )
        experiment.enqueued = enqueued.map { EnqueuedPoint(id: $0, values: Suggestion(values: ["a": .integer(3)])) }
        return experiment
    }

    private func make(
        _ numbers: [Int],
        _ experiment: Experiment,
        _ ledger: TrialLedger = Experiments.ledger([Trial]()),
        sampler: Counter = Counter(),
        remaining: Int? = nil
    ) throws -> [Trial] {
        try TrialMaker(experiment.definition, sampler: sampler)
            .trials(numbers, of: experiment, ledger, remaining: remaining, now: Experiments.now)
    }

    private let one = Suggestion(values: ["a": .integer(1), "b": .integer(1)])
    private let partial = Suggestion(values: ["b": .integer(2)])

    @Test("points of the file come first, then enqueued ones, then the sampler's")
    func order() throws {
        let experiment = try experiment(initial: [one, partial], enqueued: ["p", "q"])
        let trials = try make([1, 2, 3, 4, 5], experiment)
        #expect(trials.map(\.origin) == [.initial(0), .initial(1), .enqueued("p"), .enqueued("q"), .sampler])
        #expect(trials[0].suggestion == one)
        #expect(trials[0].assignment == ["a": 1, "b": 1])
        #expect(trials[1].suggestion.values["b"] == .integer(2))
        // What is not given is drawn: the suggestion is whole, and the same for whoever makes it.
        #expect(trials.allSatisfy { experiment.definition.searchSpace.isComplete($0.suggestion) })
        #expect(trials.allSatisfy { $0.state == .new })
        #expect(try make([1, 2, 3, 4, 5], experiment) == trials)
    }

    @Test("a successor goes on where the stored trials end, and gives no point twice", arguments: 0...4)
    func successor(stored: Int) throws {
        let experiment = try experiment(initial: [one, partial], enqueued: ["p"])
        let whole = try make([1, 2, 3, 4, 5], experiment)
        var ledger = Experiments.ledger([Trial]())
        for trial in whole.prefix(stored) { ledger.apply(trial) }
        let rest = try make(Array((stored + 1)...5), experiment, ledger)
        #expect(rest == Array(whole.dropFirst(stored)))
    }

    @Test("a successor fills the gaps of a batch of which only a part was stored")
    func gaps() throws {
        let experiment = try experiment(initial: [one, partial], enqueued: ["p"])
        let whole = try make([1, 2, 3], experiment)
        let rest = try make([1, 3], experiment, Experiments.ledger([whole[1]]))
        #expect(rest.map(\.origin) == [.initial(0), .enqueued("p")])
    }

    @Test("a point whose trial was cancelled is given again; one whose trial failed is not")
    func cancelledPoint() throws {
        let experiment = try experiment(initial: [one, partial])
        let ledger = Experiments.ledger([
            Experiments.trial(1, .cancelled, origin: .initial(0)), Experiments.trial(2, .failed, origin: .initial(1)),
        ])
        #expect(try make([3, 4], experiment, ledger).map(\.origin) == [.initial(0), .sampler])
    }

    @Test("each suggestion of a batch is made knowing of the ones before it")
    func batchIsKnown() throws {
        let trials = try make([1, 2, 3], try experiment())
        #expect(trials.compactMap { $0.suggestion.values["a"] } == [.integer(1), .integer(2), .integer(3)])
    }

    @Test("a number for which nothing is left is cancelled from the beginning, without asking the sampler")
    func nothingLeft() throws {
        let trials = try make([1, 2, 3], try experiment(initial: [one]), remaining: 1)
        #expect(trials.map(\.state) == [.new, .new, .cancelled])
        #expect(trials.map(\.origin) == [.initial(0), .sampler, .sampler])
        #expect(trials[2].cause == .cancelled && trials[2].finishedAt == Experiments.now && trials[2].version == 1)
        let none = try make([4], try experiment(), sampler: Counter(fails: true), remaining: 0)
        #expect(none.map(\.state) == [.cancelled])
    }

    @Test("a sampler that fails makes the definition impossible, and the reason is told")
    func failure() throws {
        let error = #expect(throws: TrialMaker.Failure.self) {
            try make([7], try experiment(), sampler: Counter(fails: true))
        }
        #expect(error?.number == 7 && error?.description.contains("\"q\"") == true)
    }

    @Test("numbers of an ending experiment are filled with what they would be, cancelled, even if the sampler fails")
    func ending() throws {
        var experiment = try experiment(initial: [one])
        experiment.ending = ExperimentEnding(state: .cancelled, reason: .user)
        for sampler in [Counter(), Counter(fails: true)] {
            let trials = try make([1, 2], experiment, sampler: sampler)
            #expect(trials.map(\.state) == [.cancelled, .cancelled])
            #expect(trials.map(\.origin) == [.initial(0), .sampler])
            #expect(trials.allSatisfy { experiment.definition.searchSpace.isComplete($0.suggestion) })
        }
    }
}
