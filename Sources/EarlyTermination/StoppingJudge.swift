public import ExperimentModel

/// Takes in the reports of an experiment as they come and says which trials to stop.
///
/// Reports that come twice change nothing; one that comes before its predecessors waits for them. Of a trial with several
/// attempts the newest that has reported counts.
public struct StoppingJudge: Sendable {
    /// Reports of one attempt that may wait for a predecessor; with more of them the missing ones are taken as lost.
    public static let largestGap = 100_000

    private let policies: [PolicySpecification]
    private let objective: Objective

    /// A judge of an experiment; without policies it stops nothing.
    public init(_ policies: [PolicySpecification], objective: Objective) {
        self.policies = policies
        self.objective = objective
    }

    /// Takes in a report.
    /// - Returns: the trial and why to stop it, once for each attempt.
    public mutating func take(_ report: ObjectiveReport) -> [(trial: Int, stop: EarlyStop)] {
        []
    }
}
