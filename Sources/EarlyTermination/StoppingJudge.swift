public import ExperimentModel

/// Takes in the reports of an experiment as they come and says which trials to stop.
///
/// Reports that come twice change nothing; one that comes before its predecessors waits for them. Of a trial with several
/// attempts the newest that has reported counts, and what earlier ones reported is forgotten. Every policy takes in every
/// report; the first in the order of the list that wants a stop decides. An attempt is stopped once; what it reports until it
/// is gone counts for the others like all else.
///
/// Decisions follow from the order of calls alone: who takes the same reports in by their positions comes to the same ones.
/// Keeps every report, for new attempts: 8 bytes each, and as much again for each policy.
public struct StoppingJudge: Sendable {
    /// Reports of one attempt that may wait for a predecessor; with more of them the missing ones are taken as lost: the
    /// trial is neither judged at these intervals nor do others meet it there.
    public static let largestGap = 10_000

    /// A report at a later interval than anybody reaches is a mistake, and ignored.
    public static let largestInterval = 1 << 40

    private let objective: Objective
    private var policies: [any EarlyTerminationPolicy]
    private var attempts: [Int: Attempt] = [:]

    /// Whether decisions depend on ``ended(trial:attempt:)``; where not, it need not be called.
    public let needsEnds: Bool

    /// The newest attempt of a trial.
    private struct Attempt {
        var curve: LearningCurve
        /// Reports that wait for their predecessors, by interval.
        var waiting: [Int: Double] = [:]
        var isStopped = false
    }

    /// A judge of an experiment; without policies it stops nothing.
    public init(_ policies: [PolicySpecification], objective: Objective) {
        self.objective = objective
        self.policies = policies.map(PolicyFactory.makePolicy)
        needsEnds = policies.contains { if case .truncationSelection(_, true) = $0.rule { true } else { false } }
    }

    /// Takes in a report.
    /// - Returns: the trial and why to stop it, once for each attempt.
    public mutating func take(_ report: ObjectiveReport) -> [(trial: Int, stop: EarlyStop)] {
        guard !policies.isEmpty, (1...Self.largestInterval).contains(report.interval) else { return [] }
        guard var attempt = takeOut(trial: report.trial, attempt: report.attempt) else { return [] }
        defer { attempts[report.trial] = attempt }
        guard report.interval > attempt.curve.interval else { return [] }
        if report.interval > attempt.curve.interval + 1 {
            if attempt.waiting[report.interval] == nil { attempt.waiting[report.interval] = report.value }
            guard attempt.waiting.count > Self.largestGap, let next = attempt.waiting.keys.min() else { return [] }
            guard let value = attempt.waiting.removeValue(forKey: next) else { return [] }
            attempt.curve.append(value, at: next)
        } else {
            attempt.curve.append(report.value)
        }
        var stop = judge(&attempt)
        while !attempt.waiting.isEmpty, let value = attempt.waiting.removeValue(forKey: attempt.curve.interval + 1) {
            attempt.curve.append(value)
            let later = judge(&attempt)
            stop = stop ?? later
        }
        return stop.map { [(report.trial, $0)] } ?? []
    }

    /// Hears that a trial has ended, by itself or otherwise, with its latest attempt. Only where ``needsEnds``.
    ///
    /// The ends of trials have no positions. A decision of a policy that leaves finished trials out rests on the ends that were
    /// told before it, so a successor, which hears of them earlier, may decide otherwise on the same reports.
    public mutating func ended(trial: Int, attempt number: Int) {
        guard needsEnds, let attempt = takeOut(trial: trial, attempt: number) else { return }
        for index in policies.indices { policies[index].ended(attempt.curve) }
        attempts[trial] = attempt
    }

    /// The attempt, for a change and to be put back; `nil` when there is a newer one. A newer one takes the place of the
    /// present one.
    private mutating func takeOut(trial: Int, attempt number: Int) -> Attempt? {
        // Taken out, so that there is no second owner of its list of reports when it grows.
        if let present = attempts.removeValue(forKey: trial) {
            if present.curve.attempt == number { return present }
            if present.curve.attempt > number {
                attempts[trial] = present
                return nil
            }
            for index in policies.indices { policies[index].forget(present.curve) }
        }
        return Attempt(curve: LearningCurve(trial: trial, attempt: number, objective: objective))
    }

    /// Shows the newest report of an attempt to all policies.
    private mutating func judge(_ attempt: inout Attempt) -> EarlyStop? {
        var stop: EarlyStop?
        for index in policies.indices {
            let wish = policies[index].judge(attempt.curve)
            stop = stop ?? wish
        }
        guard let stop, !attempt.isStopped else { return nil }
        attempt.isStopped = true
        return stop
    }
}
