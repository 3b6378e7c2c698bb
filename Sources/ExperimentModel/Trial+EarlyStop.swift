/// What the decision of a policy does to a trial.
extension Trial {
    /// Whether a decision reaches its trial: the attempt that it is about runs, and has no order as strong.
    public func takes(_ stop: EarlyStop) -> Bool { takes(.stop) && attempt == stop.attempt }

    /// running → running: a policy wants this attempt to end; its worker is told.
    public mutating func give(_ stop: EarlyStop, at now: Timestamp) {
        precondition(takes(stop), "a decision is about the attempt that runs")
        give(.stop)
        earlyStop = stop
        earlyStop?.decidedAt = now
    }

    /// The decision that the attempt that runs has not obeyed yet.
    public var standingStop: EarlyStop? {
        guard state == .running, order == .stop, let earlyStop, earlyStop.attempt == attempt else { return nil }
        return earlyStop
    }

    /// The interval at which it was stopped; `nil` when it ended by itself, or has not ended.
    ///
    /// One that was stopped without a decision of a policy counts as stopped at its first report.
    public var stoppedAt: Int? {
        guard state == .done, cause == .stoppedEarly else { return nil }
        return earlyStop.flatMap { $0.attempt == attempt ? $0.interval : nil } ?? 1
    }

    /// The decision that ended the trial; `nil` when it ended otherwise, such as by itself before the order came.
    ///
    /// A trial that was stopped before it reported anything finite ends as cancelled.
    public var endingStop: EarlyStop? {
        guard let earlyStop, earlyStop.attempt == attempt, cause == .stoppedEarly || cause == .cancelled else {
            return nil
        }
        return earlyStop
    }

    /// What the lease's end means to the attempt that runs.
    ///
    /// Stopping it was decided, so another attempt would only be stopped again: it ends as its worker would have ended it.
    /// - Parameter reports: what this attempt has reported of the objective, in order; asked only where ``standingStop``.
    public func lostOutcome(after reports: [Double], _ objective: Objective) -> AttemptOutcome {
        let lost = AttemptOutcome.lost(worker: owner)
        guard standingStop != nil else { return lost }
        let value = objective.value(of: reports)
        return AttemptOutcome(cause: .stoppedEarly, value: value, message: AttemptOutcome.vanishedBeforeStop)
    }
}

extension AttemptOutcome {
    /// What is said of an attempt that was to stop and lost its worker; no worker says it.
    public static let vanishedBeforeStop =
        "Its worker vanished before it had stopped it; the value is from the reports that are stored."
}

extension Objective {
    /// The value of a trial with these reports, in order; `nil` when none is finite.
    public func value(of reports: [Double]) -> Double? {
        let finite = reports.filter(\.isFinite)
        return switch valueRule {
        case .last: finite.last
        case .best: finite.min { isBetter($0, than: $1) }
        }
    }
}
