public import ExperimentModel

/// Decides which trials are stopped before they end by themselves.
///
/// A policy takes in every report of an experiment's trials in the order of their positions and answers each at once. It keeps
/// no state but what follows from these calls, so that whoever takes the same reports in comes to the same decisions.
///
/// Scores are values of which more is better, whatever the goal is. A trial that has reported nothing finite has the worst
/// score there is, so that it loses against every trial with a value and ties with its like; ties stop nobody.
public protocol EarlyTerminationPolicy: Sendable {
    /// Takes in the next report of a curve.
    ///
    /// Reports of a trial that is being stopped, or that has ended, are taken in like all others: what a trial reported
    /// counts for the others up to its end.
    /// - Parameter curve: of the trial that reported, this report included; reports are in order.
    /// - Returns: why to stop the trial; `nil` lets it go on.
    mutating func judge(_ curve: LearningCurve) -> EarlyStop?

    /// Forgets what an earlier attempt of a trial reported: a new one has begun.
    mutating func forget(_ curve: LearningCurve)

    /// Hears that a trial has ended, with what it has reported until now.
    mutating func ended(_ curve: LearningCurve)
}

extension EarlyTerminationPolicy {
    /// Ends mean nothing to most policies.
    public mutating func ended(_ curve: LearningCurve) {}
}
