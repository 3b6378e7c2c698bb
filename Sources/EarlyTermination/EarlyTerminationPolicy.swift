public import ExperimentModel

/// Decides which trials are stopped before they end by themselves.
///
/// A policy takes in every report of an experiment's trials in the order of their positions and answers each at once. It keeps
/// no state but what follows from these calls, so that whoever takes the same reports in comes to the same decisions.
public protocol EarlyTerminationPolicy: Sendable {
    /// Takes in the next report of a curve.
    ///
    /// - Parameter curve: of the trial that reported, this report included; reports are complete and in order.
    /// - Returns: why to stop the trial; `nil` lets it go on.
    mutating func judge(_ curve: LearningCurve) -> EarlyStop?

    /// Forgets what an earlier attempt of a trial reported: a new one has begun.
    mutating func forget(trial: Int)
}
