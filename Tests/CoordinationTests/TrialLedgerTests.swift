import ExperimentModel
import OrderedCollections
import Samplers
import SearchSpace
import Testing

@testable import Coordination

@Suite("Trial ledger")
struct TrialLedgerTests {
    private func trial(_ number: Int, version: Int = 0, state: TrialState = .new) -> Trial {
        Experiments.trial(number, state, version: version)
    }

    @Test("late and repeated pictures of a trial change nothing")
    func versionsDecide() {
        var ledger = Experiments.ledger([Trial]())
        let news = [
            trial(1, version: 2, state: .done), trial(1, version: 1, state: .running),
            trial(1, version: 2, state: .done),
        ]
        .map { ledger.apply($0) }
        #expect(news == [true, false, false])
        #expect(ledger.count(.done) == 1 && ledger.count(.running) == 0)
        #expect(ledger.openNumbers.isEmpty)
    }

    @Test(
        "a change that follows the picture of a trial is taken in, an old one is passed over, any other asks for the trial"
    )
    func changes() throws {
        let id = trial(1).id
        let start = Timestamp(milliseconds: 1000)
        let attempt = TrialAttempt(number: 1, worker: WorkerID("w"), host: "h", claimedAt: start)
        let claim = TrialChange(id: id, version: 1, step: .claimed(attempt, leaseUntil: start))
        let outcome = AttemptOutcome(cause: .succeeded, value: 0.5)
        let end = TrialChange(
            id: id,
            version: 2,
            step: .ended(
                TrialChange.End(
                    state: .done,
                    cause: .succeeded,
                    value: 0.5,
                    attempt: 1,
                    outcome: outcome,
                    attemptEndedAt: start,
                    finishedAt: start
                )
            )
        )
        let other = TrialChange(id: id, version: 2, step: .other)
        var ledger = Experiments.ledger([Trial]())
        // Of an unknown trial; without its claim; in order; of an unknown kind; in order; repeated.
        var hasToBeRead = [ledger.apply(claim)]
        ledger.apply(trial(1))
        for change in [end, claim, other, end, claim, end] { hasToBeRead.append(ledger.apply(change)) }
        #expect(hasToBeRead == [true, true, false, true, false, false, false])
        #expect(ledger.count(.running) == 0 && ledger.firstClaim == start)
        #expect(ledger.count(.done) == 1 && ledger.openNumbers.isEmpty && ledger.outcomes.bestLoss == 0.5)
        let ended = try #require(ledger.trials[1])
        #expect(ended.version == 2 && ended.attempts.last?.outcome == outcome && ended.finishedAt == start)
    }

    @Test("gaps are found whatever the order of arrival")
    func gaps() {
        var ledger = Experiments.ledger([5, 1, 3].map { trial($0) })
        #expect(ledger.missingNumbers(below: 7) == [2, 4, 6])
        for number in [2, 4] { ledger.apply(trial(number)) }
        #expect(ledger.missingNumbers(below: 6).isEmpty)
        #expect(ledger.openNumbers == [1, 2, 3, 4, 5])
    }

    @Test("the sampler's history sorts trials by outcome, negates a maximised value and leaves out cancelled ones")
    func history() {
        let trials = [
            Experiments.trial(1, .failed), Experiments.trial(3, .running, origin: .initial(0)), trial(4),
            Experiments.trial(5, .cancelled), Experiments.trial(2, .done, origin: .enqueued("a"), value: 0.5),
        ]
        let history = Experiments.ledger(trials, objective: Objective(metric: "m", goal: .maximize)).history
        #expect(history.completed.map(\.number) == [2] && history.completed.map(\.loss) == [-0.5])
        #expect(history.completed.map(\.isSampled) == [false])
        #expect(history.failed.map(\.number) == [1] && history.failed.map(\.isSampled) == [true])
        #expect(history.pending.map(\.number) == [3, 4] && history.pending.map(\.isSampled) == [false, true])
    }

    @Test("a history kept trial by trial equals one made at once, whatever happens in which order", arguments: 1...20)
    func incremental(seed: UInt64) {
        var generator = SplitMix(state: seed)
        var ledger = Experiments.ledger([Trial]())
        var current: [Int: Trial] = [:]
        for step in 1...400 {
            let number = Int.random(in: 1...40, using: &generator)
            let known = current[number]
            let state: TrialState
            switch known?.state {
            case .new: state = [.running, .cancelled][Int.random(in: 0...1, using: &generator)]
            case .running: state = [.done, .failed, .cancelled, .new][Int.random(in: 0...3, using: &generator)]
            case .failed, .cancelled, nil: state = .new
            case .done: continue
            }
            let origins: [TrialOrigin] = [.sampler, .initial(number % 5), .enqueued("p\(number % 7)")]
            let next = Experiments.trial(
                number,
                state,
                origin: known?.origin ?? origins[number % 3],
                version: step,
                value: state == .done ? Double(step % 17) : nil
            )
            current[number] = next
            ledger.apply(next)
            if let known { ledger.apply(known) }
        }
        let fresh = Experiments.ledger(Array(current.values))
        #expect(ledger.history == fresh.history)
        #expect(ledger.history.completed.map(\.number) == ledger.history.completed.map(\.number).sorted())
        #expect(ledger.history.pending.map(\.number) == ledger.history.pending.map(\.number).sorted())
        #expect(ledger.outcomes == fresh.outcomes)
        #expect(ledger.givenUses == fresh.givenUses)
        #expect(ledger.openNumbers == fresh.openNumbers)
    }

    @Test("the history's membership changes when a trial comes or goes, not when it runs or ends")
    func membership() {
        var ledger = Experiments.ledger([trial(1)])
        let first = ledger.historyMembership
        ledger.apply(trial(1, version: 1, state: .running))
        ledger.apply(trial(1, version: 2, state: .failed))
        #expect(ledger.historyMembership == first)
        ledger.apply(trial(1, version: 3, state: .new))
        #expect(ledger.historyMembership == first)
        ledger.apply(trial(1, version: 4, state: .cancelled))
        #expect(ledger.historyMembership > first)
    }

    @Test("the first claim is the earliest, whatever number it was of and whatever came later")
    func firstClaim() {
        func claimed(_ number: Int, after delay: Duration) -> Trial {
            var trial = trial(number)
            trial.claim(by: WorkerID("w"), host: "h", at: Experiments.now + delay, lease: .seconds(1))
            return trial
        }
        var ledger = Experiments.ledger([trial(1)])
        #expect(ledger.firstClaim == nil)
        for trial in [claimed(3, after: .seconds(5)), claimed(2, after: .seconds(3)), claimed(1, after: .seconds(4))] {
            ledger.apply(trial)
        }
        #expect(ledger.firstClaim == Experiments.now + .seconds(3))
    }

    @Test("outcomes from before a reopening are not judged again")
    func reopened() {
        let early = Experiments.now
        let late = early + .seconds(2)
        var ledger = Experiments.ledger([
            Experiments.trial(1, .failed, finishedAt: early), Experiments.trial(2, .failed, finishedAt: late),
            Experiments.trial(3, .done, value: 1, finishedAt: early),
            Experiments.trial(4, .done, value: 2, finishedAt: late),
            Experiments.trial(5, .cancelled, origin: .initial(0), finishedAt: early),
        ])
        #expect(ledger.outcomes == .init(failed: 2, cancelled: 1, bestLoss: 1))
        ledger.judge(from: early + .seconds(1))
        #expect(ledger.outcomes == .init(failed: 1, cancelled: 0, bestLoss: 2))
        ledger.apply(Experiments.trial(2, .new, version: 1))
        ledger.apply(Experiments.trial(1, .new, version: 1))
        #expect(ledger.outcomes.failed == 0)
    }

    @Test("a given point is in use as long as one of its trials is not cancelled")
    func givenUses() {
        var ledger = Experiments.ledger([
            Experiments.trial(1, origin: .initial(0)), Experiments.trial(2, .done, origin: .enqueued("a"), value: 1),
            Experiments.trial(3),
        ])
        #expect(ledger.givenUses == [.initial(0): 1, .enqueued("a"): 1])
        ledger.apply(Experiments.trial(1, .cancelled, origin: .initial(0), version: 1))
        #expect(ledger.givenUses == [.enqueued("a"): 1])
        ledger.apply(Experiments.trial(1, .new, origin: .initial(0), version: 2))
        #expect(ledger.givenUses == [.initial(0): 1, .enqueued("a"): 1])
    }
}

/// Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators": enough for shuffling events.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
