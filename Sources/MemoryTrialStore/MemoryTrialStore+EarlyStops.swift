public import Coordination
public import ExperimentModel

/// Reports that policies look at, and what is decided on them.
extension MemoryTrialStore {
    /// Gives a new observation its position, if policies look at it.
    func keepReport(_ observation: Observation) {
        guard let interval = observation.interval else { return }
        lastPosition = ReportPosition(lastPosition.rawValue + 1)
        let report = ObjectiveReport(
            trial: observation.trial.number,
            attempt: observation.attempt,
            interval: interval,
            value: observation.value,
            position: lastPosition
        )
        objectiveReports[observation.trial.experiment, default: []].append(report)
        watchers.send(.report(observation.trial.experiment, report))
    }

    /// See `TrialStore`. Positions are never shared here.
    public func objectiveReports(
        of experiment: ExperimentID,
        after position: ReportPosition,
        limit: Int
    ) -> [ObjectiveReport] {
        let reports = objectiveReports[experiment] ?? []
        let known = reports.lastIndex { $0.position <= position } ?? -1
        return Array(reports.dropFirst(known + 1).prefix(max(0, limit)))
    }

    /// What an attempt has reported of the objective, in its order.
    func objectiveValues(of trial: TrialID, attempt: Int) -> [Double] {
        observations(of: trial).filter { $0.attempt == attempt && $0.interval != nil }.map(\.value)
    }

    /// See `TrialStore`.
    public func stopTrials(_ stops: [Int: EarlyStop], of lead: Lead) throws {
        try fence(lead)
        let now = clock()
        for (number, stop) in stops.sorted(by: { $0.key < $1.key }) {
            guard var trial = records[lead.id]?.trials[number], trial.takes(stop) else { continue }
            trial.give(stop, at: now)
            put(trial)
        }
    }
}
