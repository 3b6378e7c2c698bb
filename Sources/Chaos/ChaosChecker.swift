import ExperimentModel
import SearchSpace

/// Holds the evidence of a chaos run against what is promised.
///
/// It believes no single witness: the store's documents, the journal that the trials wrote on disk, and the results that
/// were seen to be accepted meanwhile have to tell the same.
public struct ChaosChecker: Sendable {
    private let evidence: ChaosEvidence
    private var verdict = ChaosVerdict()

    private init(_ evidence: ChaosEvidence) { self.evidence = evidence }

    /// The verdict on a run.
    public static func check(_ evidence: ChaosEvidence) -> ChaosVerdict {
        var checker = ChaosChecker(evidence)
        for record in evidence.records { checker.check(record) }
        checker.checkJournal()
        checker.verdict.violations += evidence.leftovers.map { Violation(.leftover, $0) }
        checker.verdict.violations += evidence.misbehaviour.map { Violation(.misbehaviour, $0) }
        return checker.verdict
    }

    private mutating func complain(_ kind: Violation.Kind, _ message: String) {
        verdict.violations.append(Violation(kind, message))
    }

    private mutating func check(_ record: ChaosEvidence.Record) {
        let experiment = record.experiment
        verdict.experiments += 1
        verdict.trials += record.trials.count
        checkBudget(record)
        checkLeaders(record)
        if experiment.state != .completed {
            complain(.unfinished, "\(experiment.id) is \(experiment.state.rawValue) and not completed")
        }
        let seen = evidence.acceptances.keys.filter { $0.experiment == experiment.id }
        for id in Set(seen).subtracting(record.trials.map(\.id)).sorted() {
            complain(.lost, "\(id) was done once and is not there any more")
        }
        if experiment.definition.sampler.kind == .grid {
            let points = Dictionary(grouping: record.trials, by: \.suggestion).values.filter { $0.count > 1 }
            for trials in points {
                complain(.doubled, "\(trials.map { "\($0.id)" }.joined(separator: ", ")) are the same point of a grid")
            }
        }
        for trial in record.trials {
            checkOutcome(trial, retries: experiment.definition.retries)
            checkExecutions(trial, isExclusive: record.isExclusive)
        }
    }

    private mutating func checkBudget(_ record: ChaosEvidence.Record) {
        let id = record.experiment.id
        let numbers = record.trials.map(\.id.number)
        let doubled = Dictionary(grouping: numbers) { $0 }.filter { $0.value.count > 1 }.keys
        for number in doubled.sorted() { complain(.doubled, "\(id) has more than one trial \(number)") }
        guard let budget = record.experiment.limits.maxTrials else {
            return complain(.budget, "\(id) has no max_trials")
        }
        verdict.expected += budget
        if Set(numbers) != Set(1...budget) {
            complain(.budget, "\(id) has \(Set(numbers).count) trials; max_trials is \(budget)")
        }
    }

    private mutating func checkLeaders(_ record: ChaosEvidence.Record) {
        let id = record.experiment.id
        var last: (epoch: Int, at: Timestamp)?
        let led = record.events.filter { $0.kind == .led }
        verdict.epochs += led.count
        let epochs = led.compactMap { event in
            event.message?.split(separator: " ").last.flatMap { Int($0) }.map { (epoch: $0, at: event.at) }
        }
        if epochs.count < led.count { complain(.epoch, "\(id): a leader without an epoch") }
        for next in epochs.sorted(by: { ($0.epoch, $0.at) < ($1.epoch, $1.at) }) {
            if let last, last.epoch == next.epoch { complain(.epoch, "\(id): epoch \(next.epoch) began twice") }
            if let last, last.at > next.at { complain(.epoch, "\(id): epoch \(next.epoch) before epoch \(last.epoch)") }
            last = next
        }
        if let last, record.experiment.epoch < last.epoch {
            complain(.epoch, "\(id) is at epoch \(record.experiment.epoch) and was at \(last.epoch)")
        }
    }

    // MARK: One trial

    private mutating func checkOutcome(_ trial: Trial, retries: RetryLimits) {
        let accepted = trial.attempts.filter { $0.outcome?.cause == .succeeded }
        let seen = evidence.acceptances[trial.id] ?? []
        verdict.acceptances += seen.count
        if Set(trial.attempts.map(\.number)).count < trial.attempts.count {
            complain(.doubled, "\(trial.id) has two attempts of one number")
        }
        if max(accepted.count, seen.count) > 1 {
            complain(.doubled, "\(trial.id) has \(max(accepted.count, seen.count)) accepted results")
        }
        for acceptance in seen where !isStill(acceptance, of: trial) {
            complain(.lost, "\(trial.id) was done by attempt \(acceptance.attempt) and is \(trial.state.rawValue) now")
        }
        switch trial.state {
        case .new, .running: complain(.lost, "\(trial.id) has no outcome: \(trial.state.rawValue)")
        case .done:
            verdict.done += 1
            checkValue(trial, accepted: accepted)
        case .failed:
            verdict.failed += trial.cause == .lost ? 0 : 1
            verdict.deadLetters += trial.cause == .lost ? 1 : 0
            if !accepted.isEmpty { complain(.lost, "\(trial.id) has an accepted result and is failed") }
            checkGivenUp(trial, retries)
        case .cancelled:
            verdict.cancelled += 1
            complain(.lost, "\(trial.id) is cancelled, and nobody cancelled it")
        }
        checkFailures(trial)
    }

    private func isStill(_ acceptance: ChaosEvidence.Acceptance, of trial: Trial) -> Bool {
        trial.state == .done && trial.value == acceptance.value
            && trial.attempts.contains { $0.number == acceptance.attempt && $0.outcome?.cause == .succeeded }
    }

    private mutating func checkValue(_ trial: Trial, accepted: [TrialAttempt]) {
        guard let attempt = accepted.last, attempt.number == trial.attempt else {
            return complain(.wrongValue, "\(trial.id) is done without a successful last attempt")
        }
        guard let value = trial.value, value == TrialFunction.value(of: trial.assignment) else {
            let expected = TrialFunction.value(of: trial.assignment).map { "\($0)" } ?? "nothing"
            let stored = trial.value.map { "\($0)" } ?? "none"
            return complain(.wrongValue, "\(trial.id) has the value \(stored); its assignment gives \(expected)")
        }
        let hash = TrialFunction.hash(of: trial.assignment)
        let isComputed = evidence.journal[trial.id].contains { execution in
            execution.attempt == attempt.number && execution.worker == attempt.worker
                && execution.assignmentHash == hash && execution.result == .value(value)
        }
        if !isComputed {
            complain(.wrongValue, "\(trial.id) attempt \(attempt.number): no process has written down \(value)")
        }
    }

    /// A failed trial has used up what its cause is allowed, or was lost by two workers at least.
    private mutating func checkGivenUp(_ trial: Trial, _ retries: RetryLimits) {
        let ends = trial.attempts.filter { $0.outcome?.cause == trial.cause }
        let allowed = trial.cause.map { retries.allowed(for: $0) } ?? 0
        let isUsedUp = ends.count == allowed + 1
        let isPoison = trial.cause == .lost && Set(ends.map(\.worker)).count >= 2
        if !isUsedUp && !isPoison {
            let cause = trial.cause?.rawValue ?? "nothing"
            complain(
                .unexpectedFailure,
                "\(trial.id) was given up for \(cause) after \(ends.count) of \(allowed + 1) times"
            )
        }
    }

    private mutating func checkFailures(_ trial: Trial) {
        for attempt in trial.attempts {
            guard let outcome = attempt.outcome else {
                if trial.state != .running { complain(.lost, "\(trial.id) attempt \(attempt.number) has no end") }
                continue
            }
            switch outcome.cause {
            case .succeeded, .lost, .drained: break
            case .failed where TrialFunction.fails(trial.assignment, attempt: attempt.number): break
            default:
                let why = outcome.message ?? "without a message"
                complain(
                    .unexpectedFailure,
                    "\(trial.id) attempt \(attempt.number) ended as \(outcome.cause.rawValue): \(why)"
                )
            }
        }
    }

    private mutating func checkExecutions(_ trial: Trial, isExclusive: Bool) {
        let executions = evidence.journal[trial.id]
        verdict.executions += executions.count
        verdict.repeats += max(0, executions.count - 1)
        for (attempt, same) in Dictionary(grouping: executions, by: \.attempt) where same.count > 1 {
            complain(.doubled, "\(trial.id) attempt \(attempt) was run \(same.count) times")
        }
        let hash = TrialFunction.hash(of: trial.assignment)
        for execution in executions where execution.assignmentHash != hash {
            complain(.wrongValue, "\(trial.id) attempt \(execution.attempt) was given another assignment")
        }
        var latest: Journal.Execution?
        for execution in executions {
            if let earlier = latest, earlier.lastSeenAt > execution.startedAt {
                if isExclusive {
                    let milliseconds = (earlier.lastSeenAt - execution.startedAt) / 1_000_000
                    complain(
                        .overlap,
                        "\(trial.id): attempt \(earlier.attempt) still ran \(milliseconds) ms after the start of "
                            + "attempt \(execution.attempt)"
                    )
                } else {
                    verdict.overlaps += 1
                }
            }
            if execution.lastSeenAt > latest?.lastSeenAt ?? .min { latest = execution }
        }
    }

    private mutating func checkJournal() {
        let known = Set(evidence.records.flatMap { $0.trials.map(\.id) })
        for id in evidence.journal.executions.keys.filter({ !known.contains($0) }).sorted() {
            complain(.journal, "\(id) was run and is not in the store")
        }
        if evidence.journal.strayLines > 0 {
            complain(.journal, "\(evidence.journal.strayLines) lines of the journal cannot be read")
        }
    }
}
