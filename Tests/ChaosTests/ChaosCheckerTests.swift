import Chaos
import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

/// A checker that cannot fail proves nothing: each promise is broken here in every way that it looks for.
@Suite("The judge of a chaos run")
struct ChaosCheckerTests {
    /// What is complained of, as kinds.
    private func kinds(_ evidence: ChaosEvidence) -> Set<Violation.Kind> {
        Set(ChaosChecker.check(evidence).violations.map(\.kind))
    }

    /// What is complained of once the evidence is doctored.
    private func kinds(
        sampler: SamplerSpecification.Kind = .random,
        _ doctor: (inout ChaosEvidence) -> Void
    ) throws -> Set<Violation.Kind> {
        var evidence = try Evidence.fine(sampler: sampler)
        doctor(&evidence)
        return kinds(evidence)
    }

    /// What is complained of once the journal is doctored.
    private func kinds(
        isExclusive: Bool = false,
        lines doctor: (inout [JournalEntry]) -> Void
    ) throws -> Set<Violation.Kind> {
        var evidence = try Evidence.fine(isExclusive: isExclusive)
        var lines = Evidence.lines()
        doctor(&lines)
        evidence.journal = Journal(lines)
        return kinds(evidence)
    }

    @Test("a run in which all went well has no complaint, and everything is counted")
    func fine() throws {
        let verdict = ChaosChecker.check(try Evidence.fine(isExclusive: true))
        #expect(verdict.isFine, "\(verdict.violations)")
        #expect(verdict.experiments == 1)
        #expect(verdict.expected == 2)
        #expect(verdict.trials == 2)
        #expect(verdict.done == 2)
        #expect(verdict.failed == 0)
        #expect(verdict.executions == 3)
        #expect(verdict.repeats == 1)
        #expect(verdict.overlaps == 0)
        #expect(verdict.acceptances == 2)
        #expect(verdict.epochs == 2)
    }

    // MARK: Lost

    @Test("a result that was told of and is not there any more is lost")
    func takenBack() throws {
        #expect(
            try kinds({ evidence in
                evidence.records[0].trials[0] = Evidence.fresh(1)
            }) == [.lost]
        )
        // Done, but by another attempt than the one that was told of, which a rollback could do.
        #expect(
            try kinds({ evidence in
                evidence.acceptances[Evidence.trial(2)] = [
                    .init(attempt: 1, value: TrialFunction.value(of: Evidence.assignment(2)))
                ]
            }) == [.lost]
        )
        #expect(
            try kinds({ evidence in
                evidence.acceptances[Evidence.trial(1)] = [.init(attempt: 1, value: 0.125)]
            }) == [.lost]
        )
    }

    @Test("a trial that was done once and is gone altogether is lost, and the budget is not met")
    func gone() throws {
        let found = try kinds({ $0.records[0].trials.removeFirst() })
        #expect(found == [.lost, .budget, .journal])
    }

    @Test("a trial without an outcome is lost", arguments: [TrialState.new, .running, .cancelled])
    func open(state: TrialState) throws {
        var trial = Evidence.fresh(1)
        if state == .running {
            trial.claim(by: Evidence.first, host: "node", at: Evidence.time(10), lease: .seconds(5))
        }
        if state == .cancelled { trial.cancel(at: Evidence.time(10)) }
        let found = try kinds({ evidence in
            evidence.records[0].trials[0] = trial
            evidence.acceptances[trial.id] = nil
        })
        #expect(found == [.lost])
    }

    @Test("a failed trial with an accepted result is lost")
    func failedAfterAll() throws {
        let found = try kinds({ evidence in
            evidence.records[0].trials[0].state = .failed
            evidence.acceptances[Evidence.trial(1)] = nil
        })
        #expect(found == [.lost])
    }

    // MARK: Doubled

    @Test("two accepted results of one trial are doubled, whether the document or the events tell of them")
    func twoResults() throws {
        #expect(
            try kinds({ evidence in
                evidence.records[0].trials[1].attempts[0].outcome = Evidence.outcome(2)
            }) == [.doubled]
        )
        #expect(
            try kinds({ evidence in
                let value = TrialFunction.value(of: Evidence.assignment(1))
                evidence.acceptances[Evidence.trial(1)] = [
                    .init(attempt: 1, value: value), .init(attempt: 2, value: value),
                ]
            }) == [.doubled, .lost]
        )
    }

    @Test("two trials of one number, two attempts of one number, and one attempt run twice are doubled")
    func numbers() throws {
        #expect(try kinds({ $0.records[0].trials.append(Evidence.done(1)) }) == [.doubled])
        #expect(
            try kinds({ evidence in
                evidence.records[0].trials[1].attempts[0].number = 2
            }).contains(.doubled)
        )
        let again = Evidence.line(.start, 1, attempt: 1, by: Evidence.first, process: 200, at: 500)
        #expect(try kinds(lines: { $0.append(again) }) == [.doubled])
    }

    @Test("a point of a grid that was tried twice is doubled; other samplers may come to a point again")
    func gridPoints() throws {
        let doctor: (inout ChaosEvidence) -> Void = { evidence in
            evidence.records[0].trials[1].suggestion = evidence.records[0].trials[0].suggestion
        }
        #expect(try kinds(sampler: .grid, doctor) == [.doubled])
        #expect(try kinds(sampler: .random, doctor) == [])
    }

    // MARK: Budget, values and failures

    @Test("one trial too many, one too few, and a number that was left out are against the budget")
    func budget() throws {
        #expect(try kinds({ $0.records[0].experiment.limits.maxTrials = 1 }) == [.budget])
        #expect(try kinds({ $0.records[0].experiment.limits.maxTrials = 3 }) == [.budget])
        #expect(try kinds({ $0.records[0].experiment.limits.maxTrials = nil }) == [.budget])
    }

    @Test("a value that is not that of the assignment, or that no process of the accepted attempt wrote down, is wrong")
    func values() throws {
        #expect(
            try kinds({ evidence in
                evidence.records[0].trials[0].value = 0.125
                evidence.acceptances[Evidence.trial(1)] = nil
            }) == [.wrongValue]
        )
        #expect(try kinds(lines: { $0.remove(at: 1) }) == [.wrongValue], "its process never came to the end")
        #expect(
            try kinds(lines: { $0[1].result = .value(0.125) }) == [.wrongValue],
            "it wrote another value down"
        )
        #expect(
            try kinds(lines: { lines in
                lines[4].worker = Evidence.first
                lines[5].worker = Evidence.first
            }) == [.wrongValue],
            "another worker ran it"
        )
        #expect(
            try kinds(lines: { lines in
                lines[2].assignmentHash = 1
            }) == [.wrongValue],
            "an attempt, if not the last, got another assignment"
        )
    }

    @Test("a failure that the program meant is none of ours; any other is")
    func failures() throws {
        // Attempt 1 of x=4, y=3 is one that fails.
        var trial = Trial(
            id: Evidence.trial(1),
            suggestion: Suggestion(values: ["x": .integer(4), "y": .integer(3)]),
            assignment: ["x": .integer(4), "y": .integer(3)],
            createdAt: Evidence.time(0)
        )
        trial.claim(by: Evidence.first, host: "node", at: Evidence.time(10), lease: .seconds(5))
        trial.end(with: AttemptOutcome(cause: .failed), retries: RetryLimits(), at: Evidence.time(20))
        let hash = try #require(TrialFunction.hash(of: trial.assignment))
        func check(_ trial: Trial) throws -> ChaosVerdict {
            var evidence = try Evidence.fine()
            evidence.records[0].trials[0] = trial
            evidence.acceptances[trial.id] = nil
            var lines = Evidence.lines()
            lines[0].assignmentHash = hash
            lines[1].assignmentHash = hash
            lines[1].result = .failed
            evidence.journal = Journal(lines)
            return ChaosChecker.check(evidence)
        }
        let meant = try check(trial)
        #expect(meant.isFine, "\(meant.violations)")
        #expect(meant.failed == 1)
        trial.attempts[0].outcome = AttemptOutcome(cause: .noMetric)
        trial.cause = .noMetric
        #expect(try check(trial).violations.map(\.kind) == [.unexpectedFailure])
        // Lost once, of the four times that are allowed by default.
        trial.attempts[0].outcome = AttemptOutcome(cause: .lost)
        trial.cause = .lost
        #expect(try check(trial).violations.map(\.kind) == [.unexpectedFailure])
        // By two workers: it may be the trial that ends them.
        var second = trial.attempts[0]
        second.number = 2
        second.worker = Evidence.second
        trial.attempts.append(second)
        let dead = try check(trial)
        #expect(dead.isFine, "\(dead.violations)")
        #expect(dead.deadLetters == 1)
    }

    // MARK: Overlaps, leaders, programs

    @Test("attempts that overlap are counted, and complained of when the experiment is exclusive")
    func overlaps() throws {
        // The first attempt of trial 2 was still alive after the start of the second.
        let late = Evidence.line(.alive, 2, attempt: 1, by: Evidence.first, process: 101, at: 6003)
        #expect(try kinds(isExclusive: true, lines: { $0.append(late) }) == [.overlap])
        var evidence = try Evidence.fine()
        evidence.journal = Journal(Evidence.lines() + [late])
        let verdict = ChaosChecker.check(evidence)
        #expect(verdict.isFine)
        #expect(verdict.overlaps == 1)
    }

    @Test("an epoch that began twice, or before an earlier one, or that the document does not know, is complained of")
    func epochs() throws {
        let wrong: [[ExperimentEvent]] = [
            [Evidence.led(1, at: 1), Evidence.led(1, at: 5)],
            [Evidence.led(2, at: 1), Evidence.led(1, at: 5)],
            [Evidence.led(1, at: 1), Evidence.led(3, at: 5)],
            [ExperimentEvent(.led, at: Evidence.time(1), message: "?")],
        ]
        for events in wrong {
            #expect(try kinds({ $0.records[0].events = events }) == [.epoch], "\(events)")
        }
    }

    @Test("an experiment that did not end, leftovers, misbehaviour and unreadable or unknown lines are complained of")
    func others() throws {
        #expect(try kinds({ $0.records[0].experiment.state = .running }) == [.unfinished])
        #expect(try kinds({ $0.records[0].experiment.state = .failed }) == [.unfinished])
        #expect(try kinds({ $0.leftovers = ["process 7"] }) == [.leftover])
        #expect(try kinds({ $0.misbehaviour = ["worker-1 ended"] }) == [.misbehaviour])
        #expect(try kinds({ $0.journal = Journal(Evidence.lines(), strayLines: 1) }) == [.journal])
        let unknown = Evidence.line(.start, 3, attempt: 1, by: Evidence.first, process: 300, at: 1)
        #expect(try kinds(lines: { $0.append(unknown) }) == [.journal])
    }
}
