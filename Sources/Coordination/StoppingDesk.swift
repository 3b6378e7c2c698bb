import EarlyTermination
import ExperimentModel
import TuningMath

/// What a leader knows of the reports of its experiment, and the decisions on them that the store does not have yet.
///
/// Reports count in the order of their positions, whoever reads them and whenever. They are read from the store in this order;
/// an event only says that there is something to read. One that becomes visible after a later one (two workers were writing
/// at once) is put in its place, and what was judged after it is judged again. So the state is a function of the reports that
/// are stored, and a successor comes to the same decisions. A decision once made stands.
struct StoppingDesk: Sendable {
    /// How far back a report may still be put in its place: five seconds of MongoDB's timestamps, the seconds of which are the
    /// upper half. A write that has its position is visible after milliseconds.
    static let recentSpan: UInt64 = 5 << 32
    /// Reports that are kept to be put in order, however short the time in which they came.
    static let largestRecentCount = 20_000
    /// Reports that are settled together, so that few moves are made.
    private static let settlingStep = 1024

    /// The judge of what can no longer change its place, and the one of everything.
    private var settled: StoppingJudge
    private var judge: StoppingJudge
    /// What only ``judge`` has taken in, in order.
    private var recent: [ObjectiveReport] = []
    /// The place up to which everything is settled.
    private var settledEnd = ReportPosition.start
    /// The newest attempt of each trial whose end was told.
    private var endsTold: [Int: Int] = [:]
    /// Trials that had ended when ends were last told, so that they are not all looked at with every report.
    private var endCount = 0
    /// The newest attempt of each trial that a decision was made on.
    private var decided: [Int: Int] = [:]
    /// Decisions that the store may not have, by number of the trial.
    private(set) var pending: [Int: EarlyStop] = [:]

    /// What was read ends here.
    private var cursor = ReportPosition.start
    private var isReadDue = true

    /// A desk for an experiment; `nil` when it has no policies.
    init?(_ definition: ExperimentDefinition) {
        guard !definition.earlyTermination.isEmpty else { return nil }
        settled = StoppingJudge(definition.earlyTermination, objective: definition.objective)
        judge = settled
    }

    /// After which place the next page of reports is to be read; `nil` when there is nothing to read.
    var nextPage: ReportPosition? { isReadDue ? cursor : nil }

    /// Takes note of a report that an event tells of.
    mutating func hear(_ report: ObjectiveReport) {
        if report.position > cursor { isReadDue = true } else { take([report]) }
    }

    /// Events may have been missed: what is recent is to be read again.
    mutating func reread() {
        cursor = min(cursor, settledEnd)
        isReadDue = true
    }

    /// Tells the judge which trials have ended, if that matters to a policy.
    ///
    /// Ends have no positions: what was judged before stays, and a successor hears of them before it reads what was reported.
    mutating func hearEnds(_ ledger: TrialLedger) {
        guard judge.needsEnds else { return }
        let count = ledger.count(.done) + ledger.count(.failed) + ledger.count(.cancelled)
        guard count != endCount else { return }
        endCount = count
        for (number, trial) in ledger.trials where trial.state.isTerminal && endsTold[number] != trial.attempt {
            endsTold[number] = trial.attempt
            settled.ended(trial: number, attempt: trial.attempt)
            judge.ended(trial: number, attempt: trial.attempt)
        }
    }

    /// Takes in a page of reports as it was read from ``nextPage`` on.
    /// - Parameter isLast: whether there was nothing after it.
    mutating func take(page: [ObjectiveReport], isLast: Bool) {
        take(page)
        cursor = max(cursor, page.last?.position ?? cursor)
        if isLast {
            cursor = max(cursor, recent.last?.position ?? cursor)
            isReadDue = false
        }
    }

    private mutating func take(_ reports: [ObjectiveReport]) {
        var isDisordered = false
        for report in reports where report.position > settledEnd {
            let place = place(of: report)
            if place < recent.count {
                // The same one again: what is not before it, and not after it either.
                if !report.isBefore(recent[place]) { continue }
                isDisordered = true
            }
            recent.insert(report, at: place)
            if !isDisordered { note(judge.take(report)) }
        }
        if isDisordered {
            judge = settled
            for report in recent { note(judge.take(report)) }
        }
        settle()
    }

    private mutating func note(_ decisions: [(trial: Int, stop: EarlyStop)]) {
        for (trial, stop) in decisions where decided[trial, default: 0] < stop.attempt {
            decided[trial] = stop.attempt
            pending[trial] = stop
        }
    }

    /// Index of the first recent report that is not before this one.
    private func place(of report: ObjectiveReport) -> Int {
        // Most often the end.
        if let last = recent.last, last.isBefore(report) { return recent.count }
        return recent.partitioningIndex { !$0.isBefore(report) }
    }

    private mutating func settle() {
        guard let last = recent.last?.position.rawValue else { return }
        let end = ReportPosition(last - min(last, Self.recentSpan))
        var count = max(recent.count - Self.largestRecentCount, 0)
        while count < recent.count, recent[count].position <= end { count += 1 }
        // Those that share a position stay together.
        while count > 0, count < recent.count, recent[count - 1].position == recent[count].position { count -= 1 }
        guard count >= Self.settlingStep else { return }
        for report in recent.prefix(count) { _ = settled.take(report) }
        settledEnd = recent[count - 1].position
        recent.removeFirst(count)
    }

    /// The decisions to write now. Those on attempts that are over, or that were told to end, are forgotten.
    mutating func stops(_ ledger: TrialLedger) -> [Int: EarlyStop] {
        pending = pending.filter { number, stop in
            guard let trial = ledger.trials[number] else { return true }
            if trial.state.isTerminal || trial.attempt > stop.attempt { return false }
            // The claim of the attempt may not have been heard of yet.
            return trial.attempt < stop.attempt || trial.takes(stop)
        }
        return pending
    }

    /// The store has taken these decisions, or their attempts are over.
    mutating func wrote(_ stops: [Int: EarlyStop]) {
        for (number, stop) in stops where pending[number]?.attempt == stop.attempt { pending[number] = nil }
    }
}

extension ObjectiveReport {
    /// By position; what shares one, as in a cluster of several servers, by number.
    fileprivate func isBefore(_ other: ObjectiveReport) -> Bool {
        (position, trial, attempt, interval) < (other.position, other.trial, other.attempt, other.interval)
    }
}
