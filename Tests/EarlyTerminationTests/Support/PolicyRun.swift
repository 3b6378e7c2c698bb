import EarlyTermination
import ExperimentModel

/// A decision with the report that it answers: a judge's whole behaviour is a list of these.
struct Decision: Equatable, CustomStringConvertible {
    var report: Int
    var trial: Int
    var attempt: Int
    var interval: Int
    var policy: PolicySpecification.Kind

    var description: String { "report \(report): trial \(trial).\(attempt) at \(interval) by \(policy.rawValue)" }
}

extension Objective {
    static let accuracy = Objective(metric: "accuracy", goal: .maximize)
    static let loss = Objective(metric: "loss", goal: .minimize)
}

extension StoppingJudge {
    /// Takes in reports of a trial's first attempt from interval `first` on, and says what came of them.
    @discardableResult
    mutating func take(_ trial: Int, attempt: Int = 1, from first: Int = 1, _ values: [Double]) -> [EarlyStop] {
        values.enumerated().flatMap { index, value in
            take(
                ObjectiveReport(
                    trial: trial,
                    attempt: attempt,
                    interval: first + index,
                    value: value,
                    position: .start
                )
            ).map(\.stop)
        }
    }

    /// The decisions on all reports, in order.
    static func decisions(
        _ policies: [PolicySpecification],
        _ objective: Objective,
        on reports: [ObjectiveReport]
    ) -> [Decision] {
        var judge = StoppingJudge(policies, objective: objective)
        return reports.enumerated().flatMap { index, report in
            judge.take(report).map { trial, stop in
                Decision(
                    report: index,
                    trial: trial,
                    attempt: stop.attempt,
                    interval: stop.interval,
                    policy: stop.policy
                )
            }
        }
    }
}
